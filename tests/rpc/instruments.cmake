sauda_test(instruments_rpc_test LABEL rpc TIMEOUT 300
  SOURCES rpc/instruments_service_test.cpp rpc/instruments_source_test.cpp
          rpc/instruments_app_test.cpp rpc/instruments_bad_masters_test.cpp
          rpc/instruments_calendar_test.cpp rpc/instruments_history_test.cpp
          rpc/instruments_lists_test.cpp
  LINK instruments_app calendar_client test_support)
