sauda_test(keys_test LABEL core SOURCES core/api_key_test.cpp LINK keys test_support)
