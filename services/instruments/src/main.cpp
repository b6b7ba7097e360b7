#include <malloc.h>

#include "libs/telemetry/service_main.hpp"
#include "services/instruments/src/app.hpp"
#include "services/instruments/src/config.hpp"

int main(int argc, char** argv) {
  using sauda::instruments::App;
  using sauda::instruments::Config;
  // What a sync and the reading of a master need for a moment would else stay in the heap of each
  // thread that did it (instruments.sync_memory).
  (void)mallopt(M_ARENA_MAX, 1);
  return sauda::telemetry::ServiceMain<Config, App>(
      argc, argv, "instruments", "sauda-instruments",
      "Keeps the broker's instrument master: syncs it, finds instruments by key, symbol and "
      "words.");
}
