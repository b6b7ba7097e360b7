#include <malloc.h>

#include "libs/telemetry/service_main.hpp"
#include "services/feed/src/app.hpp"
#include "services/feed/src/config.hpp"

int main(int argc, char** argv) {
  // Its many threads would each keep a heap of their own, with what came and went in it: a tenth of
  // the feed's memory, for no gain in speed that was seen (feed.memory_5000_keys,
  // feed.latency_100).
  (void)mallopt(M_ARENA_MAX, 2);
  return sauda::telemetry::ServiceMain<sauda::feed::Config, sauda::feed::App>(
      argc, argv, "feed", "sauda-feed", "The broker's market data, for every caller.");
}
