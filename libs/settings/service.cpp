#include "libs/settings/service.hpp"

#include <cstdlib>

namespace sauda {

void BrokerSettings::Declare(Settings& settings) {
  // With credentials for the real broker the owner wants the real one, unless told otherwise.
  const char* const key = std::getenv("UPSTOX_API_KEY");
  if (key != nullptr && *key != '\0') broker = Broker::kUpstox;
  settings.Choice(SettingName::Shared("broker"), broker,
                  {{"sim", Broker::kSimulator}, {"upstox", Broker::kUpstox}},
                  "broker to use; upstox when UPSTOX_API_KEY is set, else sim");
  settings.Text(SettingName::Shared("sim-url"), sim_url, "address of the simulated broker");
  settings.Text(SettingName::Shared("broker-ca"), ca_file,
                "PEM file of the authority that signed the broker's certificate, instead of the "
                "system's");
  settings.Text(SettingName::Shared("account"), account, "name of the broker account");
}

void TlsSettings::Declare(Settings& settings) {
  settings.Text(SettingName::Shared("tls-cert"), certificate_file,
                "PEM certificate of this service, for mutual TLS");
  settings.Text(SettingName::Shared("tls-key"), key_file, "PEM key of that certificate");
  settings.Text(SettingName::Shared("tls-ca"), ca_file,
                "PEM certificate of the authority that signs all services");
}

void DeclareOrderRoute(Settings& settings, OrderRoute& target) {
  settings.Choice(SettingName::Shared("order-route"), target,
                  {{"paper", OrderRoute::kPaper}, {"live", OrderRoute::kLive}},
                  "where orders go; live with broker upstox trades real money");
}

}  // namespace sauda
