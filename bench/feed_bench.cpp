#include "bench/bench.hpp"

namespace sauda::bench {

std::vector<Benchmark> FeedBenchmarks() { return {}; }

}  // namespace sauda::bench
