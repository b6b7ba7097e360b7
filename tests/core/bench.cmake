sauda_test(bench_test LABEL core
  SOURCES core/bench_test.cpp core/bench_baseline_test.cpp ../bench/baseline.cpp ../bench/bench.cpp
  LINK base nlohmann_json::nlohmann_json test_support)
