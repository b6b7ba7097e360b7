#include "libs/telemetry/service_main.hpp"
#include "services/instruments/src/app.hpp"
#include "services/instruments/src/config.hpp"

int main(int argc, char** argv) {
  using sauda::instruments::App;
  using sauda::instruments::Config;
  return sauda::telemetry::ServiceMain<Config, App>(
      argc, argv, "instruments", "sauda-instruments",
      "Keeps the broker's instrument master: syncs it, finds instruments by key, symbol and "
      "words.");
}
