#include "libs/telemetry/service_main.hpp"
#include "services/feed/src/app.hpp"
#include "services/feed/src/config.hpp"

int main(int argc, char** argv) {
  return sauda::telemetry::ServiceMain<sauda::feed::Config, sauda::feed::App>(
      argc, argv, "feed", "sauda-feed", "The broker's market data, for every caller.");
}
