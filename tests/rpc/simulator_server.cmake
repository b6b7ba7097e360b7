sauda_test(simulator_server_test LABEL rpc
  SOURCES rpc/simulator_fault_plan_test.cpp rpc/simulator_journal_test.cpp rpc/simulator_login_test.cpp rpc/simulator_orders_test.cpp
    rpc/simulator_recording_test.cpp rpc/simulator_replay_test.cpp rpc/simulator_streams_test.cpp
  LINK sim_app test_support proto_upstox)
