include_guard()

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
# Its types have other members where the compiler does not optimise; every file must agree on them.
set_property(TARGET simdjson::simdjson APPEND PROPERTY
  INTERFACE_COMPILE_DEFINITIONS SIMDJSON_DEVELOPMENT_CHECKS=0)
find_package(PostgreSQL REQUIRED)
find_package(Boost REQUIRED COMPONENTS system)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
include(GoogleTest)

add_library(sauda_warnings INTERFACE)
target_compile_options(sauda_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  -Wno-missing-field-initializers  # a struct with defaults is how the house names arguments
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)  # in its -Wconversion, unlike in g++'s

# All that is generated: what reads the sources without building them (clang-tidy, an editor) needs it.
add_custom_target(generated_code)

# Generates C++ for the .proto files below protos/ and wraps them in one library. GRPC also makes
# the service stubs. Generated headers are system headers: their warnings are not ours.
#   sauda_proto_library(proto_feed GRPC PROTOS sauda/feed/v1alpha1/feed.proto)
function(sauda_proto_library name)
  cmake_parse_arguments(arg "GRPC" "" "PROTOS;LINK" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  set(made)
  foreach(proto ${arg_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(files ${out}/${stem}.pb.cc)
    set(headers ${out}/${stem}.pb.h)  # unnamed, a changed .proto leaves what includes them as it is
    set(plugin)
    if(arg_GRPC)
      list(APPEND files ${out}/${stem}.grpc.pb.cc)
      list(APPEND headers ${out}/${stem}.grpc.pb.h)
      set(plugin --grpc_out ${out} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${files} ${headers}
      COMMAND protobuf::protoc -I ${CMAKE_SOURCE_DIR}/protos --cpp_out ${out} ${plugin}
              ${CMAKE_SOURCE_DIR}/protos/${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/protos/${proto}
      COMMENT "protoc ${proto}")
    list(APPEND made ${files})
  endforeach()
  add_custom_target(${name}_made DEPENDS ${made})
  add_dependencies(generated_code ${name}_made)
  add_library(${name} STATIC ${made})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)  # generated files name their parts alike
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${arg_LINK})
  if(arg_GRPC)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()

# Adds a library of the house: warnings on, headers found from the repository root. All presets but
# debug compile its files some at a time (a unity build: a third of the work, since headers cost
# most); so names of a file's own differ within a library, or the file stands in ALONE.
#   sauda_library(feed_core SOURCES a.cpp LINK base)
function(sauda_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;ALONE" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    if(arg_ALONE)
      set_source_files_properties(${arg_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_LINK} PRIVATE sauda_warnings)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_LINK})
  endif()
endfunction()

# Adds a program: one main.cpp and what it links.
#   sauda_program(sauda-feed SOURCES src/main.cpp LINK feed_app)
function(sauda_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK} sauda_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# Adds a test program. LABEL is one of core, rpc, contract, system; CONTRIBUTING.md says what each may use. Every case is
# a test of ctest in a process of its own; WHOLE makes the program one test, for cases that share what is dear to set up.
# ALONE keeps others from running beside it, where it loads the machine. Under a sanitizer the programs of core and rpc are
# one test each: to start one takes longer there than most cases.
#   sauda_test(feed_core_test LABEL core SOURCES core/feed_mailbox_test.cpp LINK feed_core)
function(sauda_test name)
  cmake_parse_arguments(arg "WHOLE;ALONE" "LABEL;TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest_main sauda_warnings)
  target_compile_options(${name} PRIVATE -O0)  # a test's own code runs once: building it is the cost
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests
    UNITY_BUILD OFF)  # test files name their cases alike
  add_dependencies(${arg_LABEL}_tests ${name})
  if(SAUDA_SANITIZE AND arg_LABEL MATCHES "^(core|rpc)$")
    set(arg_WHOLE TRUE)
    set(arg_TIMEOUT 900)
  endif()
  # A test's own clients reach this machine alone.
  set(properties LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} ENVIRONMENT SAUDA_LOOPBACK_ONLY=1)
  if(arg_ALONE)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  if(arg_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES ${properties})
  else()
    gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
  endif()
endfunction()

# One target per label, so that `cmake --build build/tsan --target core_tests` builds no more.
foreach(label core rpc contract system)
  add_custom_target(${label}_tests)
endforeach()
