sauda_test(base_test LABEL core
  SOURCES core/amount_test.cpp core/backoff_test.cpp core/decimal_test.cpp core/decimal_rounding_test.cpp
          core/market_clock_test.cpp core/secret_test.cpp core/text_test.cpp
  LINK base test_support)
