#include "bench/bench.hpp"

namespace sauda::bench {

std::vector<Benchmark> GatewayBenchmarks() { return {}; }

}  // namespace sauda::bench
