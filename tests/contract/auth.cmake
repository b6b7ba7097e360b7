sauda_test(auth_contract_test LABEL contract
  SOURCES contract/key_store_test.cpp contract/vault_rotation_test.cpp contract/vault_test.cpp
  LINK auth_adapters test_support)
