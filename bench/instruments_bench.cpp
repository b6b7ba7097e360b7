#include "bench/bench.hpp"

namespace sauda::bench {

std::vector<Benchmark> InstrumentsBenchmarks() { return {}; }

}  // namespace sauda::bench
