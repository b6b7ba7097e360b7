sauda_test(gateway_core_test LABEL core
  SOURCES core/gateway_core_test.cpp core/gateway_hub_test.cpp core/gateway_keys_test.cpp
          core/gateway_loss_test.cpp core/gateway_rate_limiter_test.cpp
  LINK gateway_core test_support nlohmann_json::nlohmann_json)
