#include <malloc.h>

#include "libs/telemetry/service_main.hpp"
#include "services/feed/src/app.hpp"
#include "services/feed/src/config.hpp"

namespace {

// Larger blocks get pages of their own and give them back: between small ones they leave holes as
// subscribers come and go, by which the feed grows. Their messages are not among them: those are
// lent again and again (BatchBuffers), since pages of their own for each cost two fifths of the
// deliveries (feed.deliveries_100). docs/benchmarks.md has the soaks.
constexpr int kOwnPagesFrom = 64 * 1'024;

}  // namespace

int main(int argc, char** argv) {
  // Its many threads would each keep a heap of their own, with what came and went in it: a tenth of
  // the feed's memory, for no gain in speed that was seen (feed.memory_5000_keys,
  // feed.latency_100).
  (void)mallopt(M_ARENA_MAX, 2);
  (void)mallopt(M_MMAP_THRESHOLD, kOwnPagesFrom);
  return sauda::telemetry::ServiceMain<sauda::feed::Config, sauda::feed::App>(
      argc, argv, "feed", "sauda-feed", "The broker's market data, for every caller.");
}
