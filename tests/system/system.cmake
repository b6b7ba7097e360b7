# Whole processes. They need the release programs, so the preset's `all` is built before.
add_library(system_support STATIC system/message.cpp system/tick_reader.cpp)
target_link_libraries(system_support
  PUBLIC test_stack rpc proto_feed GTest::gtest
  PRIVATE nlohmann_json::nlohmann_json simdjson::simdjson ZLIB::ZLIB sauda_warnings)

sauda_test(process_test LABEL system TIMEOUT 300 SOURCES system/process_test.cpp LINK system_support)
sauda_test(restart_test WHOLE LABEL system TIMEOUT 600 SOURCES system/restart_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
sauda_test(exactly_once_test ALONE LABEL system TIMEOUT 1800 SOURCES system/exactly_once_test.cpp
  LINK test_stack nlohmann_json::nlohmann_json)
target_compile_definitions(exactly_once_test
  PRIVATE SAUDA_ORACLE="${CMAKE_CURRENT_SOURCE_DIR}/system/exactly_once.sql")
sauda_test(order_fault_test ALONE LABEL system TIMEOUT 1800
  SOURCES system/order_fault_test.cpp system/order_caller.cpp
  LINK test_stack rpc proto_orders nlohmann_json::nlohmann_json)
target_compile_definitions(order_fault_test
  PRIVATE SAUDA_ORACLE="${CMAKE_CURRENT_SOURCE_DIR}/system/order_oracle.py")
add_test(NAME OrderOracle.FindsEachThingThatMayBeWrong
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/system/order_oracle_test.py)
set_tests_properties(OrderOracle.FindsEachThingThatMayBeWrong PROPERTIES LABELS system TIMEOUT 120)
sauda_test(secrets_test LABEL system TIMEOUT 300 SOURCES system/secrets_test.cpp
  LINK system_support proto_auth)
sauda_test(login_test WHOLE LABEL system TIMEOUT 300 SOURCES system/login_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
target_link_libraries(login_test PRIVATE util)  # forkpty
sauda_test(token_night_test LABEL system TIMEOUT 600 SOURCES system/token_night_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
sauda_test(kill_switch_test LABEL system TIMEOUT 300 SOURCES system/kill_switch_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
sauda_test(route_matrix_test WHOLE LABEL system TIMEOUT 300 SOURCES system/route_matrix_test.cpp
  LINK test_stack)
target_compile_definitions(route_matrix_test PRIVATE SAUDA_BUILD_DIR="${CMAKE_BINARY_DIR}")
add_dependencies(route_matrix_test sauda-orders)
sauda_test(paper_sockets_test LABEL system TIMEOUT 300 SOURCES system/paper_sockets_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
sauda_test(scenarios_system_test LABEL system TIMEOUT 600 SOURCES system/scenarios_test.cpp
  LINK system_support scenarios nlohmann_json::nlohmann_json)
target_compile_definitions(scenarios_system_test PRIVATE SAUDA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
sauda_test(portfolio_test LABEL system TIMEOUT 600 SOURCES system/portfolio_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
# Only when SAUDA_SOAK_SECONDS asks for it, which may be half an hour.
sauda_test(soak_test ALONE LABEL system TIMEOUT 2400 SOURCES system/soak_test.cpp
  LINK system_support)
sauda_test(capture_test ALONE LABEL system TIMEOUT 600 SOURCES system/capture_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
sauda_test(market_calendar_test LABEL system TIMEOUT 300 SOURCES system/market_calendar_test.cpp
  LINK system_support nlohmann_json::nlohmann_json)
sauda_test(master_kill_test ALONE LABEL system TIMEOUT 600 SOURCES system/master_kill_test.cpp
  LINK test_stack rpc proto_instruments http storage ZLIB::ZLIB instruments_parse)
