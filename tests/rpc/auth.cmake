sauda_test(auth_rpc_test LABEL rpc
  SOURCES rpc/auth_account_test.cpp rpc/auth_config_test.cpp rpc/auth_keys_test.cpp
          rpc/auth_service_test.cpp rpc/upstox_login_test.cpp
  LINK auth_app test_support)
