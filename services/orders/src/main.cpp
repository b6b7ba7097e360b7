#include "libs/telemetry/service_main.hpp"
#include "services/orders/src/app.hpp"
#include "services/orders/src/config.hpp"

int main(int argc, char** argv) {
  using sauda::orders::App;
  using sauda::orders::Config;
  return sauda::telemetry::ServiceMain<Config, App>(
      argc, argv, "orders", "sauda-orders",
      "Places, modifies and cancels orders through a ledger, on paper or at the broker.");
}
