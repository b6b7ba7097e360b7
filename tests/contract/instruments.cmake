sauda_test(instruments_contract_test LABEL contract TIMEOUT 600
  SOURCES contract/instrument_store_test.cpp contract/instruments_app_test.cpp
          contract/instruments_calendar_test.cpp contract/instruments_oracle_test.cpp
          contract/instruments_sync_test.cpp contract/list_store_test.cpp
  LINK instruments_app test_support nlohmann_json::nlohmann_json ZLIB::ZLIB)
target_compile_definitions(instruments_contract_test
  PRIVATE SAUDA_REAL_DATA_DEFAULT="${CMAKE_SOURCE_DIR}/../shared/data")
