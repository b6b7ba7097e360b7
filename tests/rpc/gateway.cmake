sauda_test(gateway_test LABEL rpc SOURCES rpc/gateway_feed_test.cpp rpc/gateway_login_test.cpp rpc/gateway_test.cpp
  LINK gateway_app test_support)
