#include "bench/bench.hpp"

namespace sauda::bench {

std::vector<Benchmark> StreamBenchmarks() { return {}; }

}  // namespace sauda::bench
