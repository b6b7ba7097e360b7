sauda_test(auth_core_test LABEL core
  SOURCES core/auth_approvals_test.cpp core/auth_audit_test.cpp core/auth_keys_test.cpp
          core/auth_ladder_test.cpp core/auth_logins_test.cpp core/auth_token_test.cpp
  LINK auth_core test_support)
