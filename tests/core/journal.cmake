sauda_test(journal_test LABEL core SOURCES core/journal_format_test.cpp LINK journal test_support)
