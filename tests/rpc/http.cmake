sauda_test(http_server_test LABEL rpc SOURCES rpc/http_server_test.cpp LINK http test_support)
