#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libs/settings/settings.hpp"

namespace sauda {

/// Which broker is behind it all.
enum class Broker : std::uint8_t { kSimulator, kUpstox };

/// Where orders go. Only kUpstox with kLive ever builds a client that can write at a broker host.
enum class OrderRoute : std::uint8_t { kPaper, kLive };

/// How the broker is reached: the same for every service that talks to it.
struct BrokerSettings {
  Broker broker = Broker::kSimulator;
  bool broker_said = false;  ///< by a setting; else it is what the credentials suggest
  std::string sim_url = "https://127.0.0.1:7443";  ///< never a host of upstox.com
  std::string ca_file;  ///< PEM trusted for the broker besides nothing else; empty: the system's
  std::string account = "main";

  void Declare(Settings& settings);
};

/// Certificate files of mutual TLS between the services; all empty: plain text, loopback only.
struct TlsSettings {
  std::string certificate_file;
  std::string key_file;
  std::string ca_file;

  void Declare(Settings& settings);
  bool on() const { return !certificate_file.empty(); }
};

/// Declares `--order-route`.
void DeclareOrderRoute(Settings& settings, OrderRoute& target);

}  // namespace sauda
