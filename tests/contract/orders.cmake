sauda_test(orders_contract_test LABEL contract
  SOURCES contract/ledger_test.cpp contract/order_budget_test.cpp contract/portfolio_test.cpp
  LINK orders_budget orders_ledger test_support)
