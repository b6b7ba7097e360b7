sauda_test(orders_contract_test LABEL contract
  SOURCES contract/ledger_test.cpp
  LINK orders_ledger test_support)
