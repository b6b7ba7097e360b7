# The broker's official Node SDK against the simulator; exit 77: no namespaces can be made here.
add_test(NAME NodeSdk.TradesAMorningUnchanged
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/system/node_sdk/run $<TARGET_FILE:sauda-sim>)
set_tests_properties(NodeSdk.TradesAMorningUnchanged PROPERTIES
  LABELS system TIMEOUT 180 SKIP_RETURN_CODE 77)
add_dependencies(system_tests sauda-sim)
