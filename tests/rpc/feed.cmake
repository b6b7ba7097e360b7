sauda_test(feed_rpc_test LABEL rpc
  SOURCES rpc/feed_accounts_test.cpp rpc/feed_alert_upkeep_test.cpp rpc/feed_alerts_test.cpp rpc/feed_candles_test.cpp
          rpc/feed_codec_test.cpp
          rpc/feed_history_test.cpp rpc/feed_metrics_test.cpp rpc/feed_service_test.cpp
          rpc/feed_stream_test.cpp
  LINK feed_rpc feed_engine test_support)
sauda_test(feed_webhook_client_test LABEL rpc
  SOURCES rpc/feed_webhook_client_test.cpp
  LINK feed_adapters feed_app test_support test_stack OpenSSL::Crypto)
sauda_test(feed_simulator_test LABEL rpc
  SOURCES rpc/feed_simulator_test.cpp
  LINK feed_adapters feed_engine sim_app test_support)
sauda_test(feed_selection_test LABEL rpc
  SOURCES rpc/feed_follow_test.cpp rpc/feed_selection_test.cpp
  LINK feed_app instruments_rpc test_support)
