#include "libs/settings/service.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace sauda {
namespace {

/// The host of an address, in lower case, without the dots at its end that name the same host.
std::string HostOf(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (const auto user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  std::string host{url.substr(0, url.find(':'))};
  while (host.ends_with('.')) host.pop_back();
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return host;
}

/// The simulator is never at the broker's: with broker `sim` orders would trade real money there.
std::optional<std::string> RefuseBrokersHost(const std::string& url) {
  const std::string host = HostOf(url);
  if (host != "upstox.com" && !host.ends_with(".upstox.com")) return std::nullopt;
  return "expected a simulator's address; the broker itself is --broker upstox";
}

}  // namespace

void BrokerSettings::Declare(Settings& settings) {
  // With credentials for the real broker the owner wants the real one, unless told otherwise.
  const char* const key = std::getenv("UPSTOX_API_KEY");
  if (key != nullptr && *key != '\0') broker = Broker::kUpstox;
  settings.Choice(SettingName::Shared("broker"), broker,
                  {{"sim", Broker::kSimulator}, {"upstox", Broker::kUpstox}},
                  "broker to use; upstox when UPSTOX_API_KEY is set, else sim", &broker_said);
  settings.Text(SettingName::Shared("sim-url"), sim_url, "address of the simulated broker",
                RefuseBrokersHost);
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
