sauda_test(simulator_feed_test LABEL rpc TIMEOUT 300
  SOURCES rpc/simulator_capture_test.cpp rpc/simulator_encoder_test.cpp
  LINK sim_feed test_support)
# Where the recordings are unless SAUDA_REAL_DATA says otherwise; tests run in the build folder.
target_compile_definitions(simulator_feed_test
  PRIVATE SAUDA_REAL_DATA_DEFAULT="${CMAKE_SOURCE_DIR}/../shared/data")
