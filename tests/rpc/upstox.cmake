sauda_test(upstox_client_test LABEL rpc SOURCES rpc/upstox_client_test.cpp
  LINK upstox test_support OpenSSL::Crypto)
