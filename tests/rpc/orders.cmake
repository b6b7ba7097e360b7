sauda_test(orders_rpc_test LABEL rpc
  SOURCES rpc/orders_service_test.cpp rpc/orders_live_test.cpp
          rpc/orders_feed_market_test.cpp rpc/orders_feed_prices_test.cpp rpc/orders_kill_test.cpp
          rpc/orders_portfolio_test.cpp rpc/orders_settings_test.cpp
          rpc/orders_threads_test.cpp
  LINK orders_app test_support OpenSSL::Crypto)
