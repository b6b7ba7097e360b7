# Targets of libFuzzer (README.md). In the preset `fuzz` each is a program <name>_fuzz; elsewhere it
# is a test that gives it the files of its corpus, so that nothing found comes back unseen. What
# reads protobuf is a `contract` test: its headers lay a map out differently under TSan than the
# library of the system was built, and only `core` is run there.
#   sauda_fuzz(journal SOURCES journal.cpp FUZZER_SOURCES journal_mutator.cpp LINK journal)
add_custom_target(fuzz_targets)
function(sauda_fuzz name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;FUZZER_SOURCES;LINK" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL core)
  endif()
  list(TRANSFORM arg_SOURCES PREPEND fuzz/)
  list(TRANSFORM arg_FUZZER_SOURCES PREPEND fuzz/)
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  if(SAUDA_SANITIZE MATCHES fuzzer)
    set(program ${name}_fuzz)
    add_executable(${program} ${arg_SOURCES} ${arg_FUZZER_SOURCES})
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz_targets ${program})
  else()
    set(program ${name}_corpus_test)
    add_executable(${program} ${arg_SOURCES} fuzz/replay.cpp)
    add_test(NAME FuzzCorpus.${name} COMMAND ${program} ${corpus})
    set_tests_properties(FuzzCorpus.${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 120)
    add_dependencies(${arg_LABEL}_tests ${program})
  endif()
  target_link_libraries(${program} PRIVATE ${arg_LINK} test_support sauda_warnings)
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests
    UNITY_BUILD OFF)  # each is a program of its own
endfunction()

sauda_fuzz(feed_decoder LABEL contract SOURCES feed_decoder.cpp LINK feed_frames)
sauda_fuzz(feed_request SOURCES feed_request.cpp LINK sim_market)
sauda_fuzz(http_request SOURCES http_request.cpp LINK http_core)
sauda_fuzz(journal SOURCES journal.cpp FUZZER_SOURCES journal_mutator.cpp LINK journal)
sauda_fuzz(instruments_master SOURCES instruments_master.cpp LINK instruments_parse)
