sauda_test(simulator_market_test LABEL core
  SOURCES core/simulator_greeks_test.cpp core/simulator_hours_test.cpp core/simulator_market_test.cpp
          core/simulator_lists_test.cpp core/simulator_master_test.cpp core/simulator_replay_test.cpp
          core/simulator_session_test.cpp
  LINK sim_market test_support)
