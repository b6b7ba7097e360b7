sauda_test(http_core_test LABEL core SOURCES core/http_core_test.cpp LINK http_core test_support)
