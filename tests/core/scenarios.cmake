add_library(scenarios STATIC scenarios/outcome.cpp scenarios/paper_side.cpp scenarios/scenario.cpp
  scenarios/side.cpp scenarios/simulator_side.cpp scenarios/simulator_venue.cpp)
target_link_libraries(scenarios PUBLIC orders_core sim_core test_support GTest::gtest
  PRIVATE sauda_warnings)
target_compile_options(scenarios PRIVATE -O0)
sauda_test(scenarios_test LABEL core SOURCES core/scenarios_test.cpp LINK scenarios)
target_compile_definitions(scenarios_test PRIVATE SAUDA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
sauda_test(hand_cases_test LABEL core SOURCES core/hand_cases_test.cpp LINK scenarios sim_feed)
# Where the recordings are unless SAUDA_REAL_DATA says otherwise; tests run in the build folder.
target_compile_definitions(hand_cases_test
  PRIVATE SAUDA_REAL_DATA_DEFAULT="${CMAKE_SOURCE_DIR}/../shared/data")
