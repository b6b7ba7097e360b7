#include "libs/telemetry/service_main.hpp"
#include "simulator/src/app.hpp"
#include "simulator/src/config.hpp"

int main(int argc, char** argv) {
  return sauda::telemetry::ServiceMain<sauda::sim::Config, sauda::sim::App>(
      argc, argv, "sim", "sauda-sim",
      "A local broker with a simulated market: login, instruments, feed, orders, faults.");
}
