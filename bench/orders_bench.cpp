#include "bench/bench.hpp"

namespace sauda::bench {

std::vector<Benchmark> OrdersBenchmarks() { return {}; }

}  // namespace sauda::bench
