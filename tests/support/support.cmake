# Whole processes for tests/system and for the benchmarks.
add_library(test_stack STATIC
  support/private_stores.cpp support/process.cpp support/stack.cpp)
target_compile_definitions(test_stack PRIVATE
  SAUDA_BUILD_DIR="${CMAKE_BINARY_DIR}" SAUDA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_link_libraries(test_stack PUBLIC test_support GTest::gtest PRIVATE sauda_warnings)
