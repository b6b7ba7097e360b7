sauda_test(instruments_contract_test LABEL contract TIMEOUT 300
  SOURCES contract/instrument_store_test.cpp contract/instruments_app_test.cpp
          contract/instruments_sync_test.cpp
  LINK instruments_app test_support)
target_compile_definitions(instruments_contract_test
  PRIVATE SAUDA_REAL_DATA_DEFAULT="${CMAKE_SOURCE_DIR}/../shared/data")
