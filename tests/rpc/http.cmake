sauda_test(http_server_test LABEL rpc SOURCES rpc/http_server_test.cpp LINK http test_support)
sauda_test(http_client_test LABEL rpc SOURCES rpc/http_client_test.cpp
  LINK http test_support OpenSSL::Crypto)
sauda_test(http_web_socket_test LABEL rpc SOURCES rpc/http_web_socket_test.cpp
  LINK http test_support OpenSSL::Crypto)
