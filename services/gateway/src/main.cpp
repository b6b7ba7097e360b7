#include "libs/telemetry/service_main.hpp"
#include "services/gateway/src/app.hpp"
#include "services/gateway/src/config.hpp"

int main(int argc, char** argv) {
  return sauda::telemetry::ServiceMain<sauda::gateway::Config, sauda::gateway::App>(
      argc, argv, "gateway", "sauda-gateway", "REST, event streams and the web page of Sauda");
}
