sauda_test(simulator_feed_test LABEL rpc TIMEOUT 300
  SOURCES rpc/simulator_capture_test.cpp rpc/simulator_encoder_test.cpp
  LINK sim_feed test_support)
