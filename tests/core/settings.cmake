sauda_test(settings_test LABEL core 
  SOURCES core/settings_test.cpp core/broker_settings_test.cpp LINK settings test_support)
