sauda_test(auth_contract_test LABEL contract SOURCES contract/vault_rotation_test.cpp contract/vault_test.cpp
  LINK auth_adapters test_support)
