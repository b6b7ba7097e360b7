sauda_test(rpc_lib_test LABEL rpc
  SOURCES rpc/rpc_test.cpp rpc/telemetry_test.cpp
  LINK rpc proto_auth test_support)
