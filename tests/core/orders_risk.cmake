sauda_test(orders_risk_test LABEL core
  SOURCES core/risk_rules_test.cpp core/risk_limits_test.cpp core/risk_totals_test.cpp core/risk_inputs_test.cpp
          core/risk_reducing_test.cpp core/risk_session_test.cpp core/risk_duplicate_test.cpp
          core/risk_trip_wire_test.cpp core/risk_property_test.cpp
  LINK orders_risk test_support)
