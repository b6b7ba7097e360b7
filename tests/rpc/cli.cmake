sauda_test(cli_test LABEL rpc SOURCES rpc/cli_journal_test.cpp rpc/cli_portfolio_test.cpp rpc/cli_test.cpp
  LINK cli_app test_support test_stack)
