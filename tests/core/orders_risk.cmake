sauda_test(orders_risk_test LABEL core
  SOURCES core/risk_rules_test.cpp core/risk_trip_wire_test.cpp
  LINK orders_risk test_support)
