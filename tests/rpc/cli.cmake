sauda_test(cli_test LABEL rpc SOURCES rpc/cli_test.cpp LINK cli_app test_support)
