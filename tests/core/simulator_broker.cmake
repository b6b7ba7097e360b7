sauda_test(simulator_broker_test LABEL core
  SOURCES core/simulator_fault_plan_test.cpp core/simulator_faults_test.cpp core/simulator_logins_test.cpp
    core/simulator_orders_test.cpp
  LINK sim_core test_support)
