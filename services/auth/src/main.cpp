#include "libs/telemetry/service_main.hpp"
#include "services/auth/src/app.hpp"
#include "services/auth/src/config.hpp"

int main(int argc, char** argv) {
  using sauda::auth::App;
  using sauda::auth::Config;
  return sauda::telemetry::ServiceMain<Config, App>(
      argc, argv, "auth", "sauda-auth",
      "Logs in at the broker, keeps its tokens sealed in Redis, and gives them to the other "
      "services.");
}
