sauda_test(charges_test LABEL core SOURCES core/charges_test.cpp core/charges_rules_test.cpp core/charges_schedule_test.cpp
  LINK charges test_support)
