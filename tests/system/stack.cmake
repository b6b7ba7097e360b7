# ./sauda itself, and the page in a browser, over one stack of the test's own.
function(stack_test name step)
  cmake_parse_arguments(arg "" "FIXTURE" "" ${ARGN})
  add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/system/stack_test ${step})
  set_tests_properties(${name} PROPERTIES
    LABELS system TIMEOUT 600 RESOURCE_LOCK stack SKIP_RETURN_CODE 77
    ENVIRONMENT "SAUDA_STATE=${CMAKE_BINARY_DIR}/a stack;SAUDA_PORT_OFFSET=3000")
  if(arg_FIXTURE)
    set_tests_properties(${name} PROPERTIES FIXTURES_${arg_FIXTURE} stack)
  else()
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED stack)
  endif()
endfunction()

# They run the release programs, whatever is tested with them.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  stack_test(Stack.UpBringsEverythingUp up FIXTURE SETUP)
  stack_test(Stack.StatusAndMetricsAreThere status)
  stack_test(Stack.BrowserShowsLiveTicks browser)
  stack_test(Stack.BadArgumentsAreRefused refusals)
  stack_test(Stack.ChangedSettingsReachWhatRuns settings)
  stack_test(Stack.PageAsksForAKeyWhereOneIsNeeded keys)
  stack_test(Stack.SecondUpIsQuickAndStartsNothing second-up)
  stack_test(Stack.UpBringsBackWhatWasKilled killed)
  stack_test(Stack.DownLeavesNoProcess down FIXTURE CLEANUP)
endif()
