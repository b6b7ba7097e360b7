sauda_test(instruments_core_test LABEL core
  SOURCES core/instruments_splitter_test.cpp core/instruments_record_test.cpp
          core/instruments_diff_test.cpp core/instruments_sync_test.cpp
          core/instruments_lookup_test.cpp core/instruments_text_test.cpp
          core/instruments_catalog_test.cpp core/instruments_expired_test.cpp
          core/instruments_lists_test.cpp core/instruments_search_test.cpp
          core/instruments_search_quality_test.cpp
          core/instruments_real_master_test.cpp core/instruments_universe_test.cpp
          core/instruments_calendar_test.cpp
  LINK instruments_parse test_support)
target_compile_definitions(instruments_core_test
  PRIVATE SAUDA_REAL_DATA_DEFAULT="${CMAKE_SOURCE_DIR}/../shared/data")
