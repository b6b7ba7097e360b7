sauda_test(calendar_test LABEL core SOURCES core/calendar_test.cpp core/ist_test.cpp core/sessions_test.cpp
  LINK calendar test_support)
