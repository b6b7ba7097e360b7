#pragma once

#include <string>
#include <string_view>

#include "libs/base/secret.hpp"
#include "libs/http/egress.hpp"

namespace sauda::upstox {

/// Where the broker is. Base addresses without a path or a trailing slash. By itself nowhere: the
/// real broker has to be asked for by name.
struct Endpoints {
  std::string api;
  std::string hft;  // place, modify and cancel only
  std::string assets;
  std::string feeders;  // hosts that a feed's redirect may name

  /// Source: Upstox developer documentation; docs/upstox-api.md §0.1.
  static Endpoints Real() {
    return {.api = "https://api.upstox.com",
            .hft = "https://api-hft.upstox.com",
            .assets = "https://assets.upstox.com",
            .feeders = "*.upstox.com:443"};
  }

  /// Everything at one address: the simulator's, or a test's. `url` as "https://127.0.0.1:7443".
  /// Fails with kInvalidArgument / URL_MALFORMED.
  static Result<Endpoints> At(std::string_view url);

  /// What a process that only reads may connect to: all but the order host. At one address (`At`)
  /// reading and writing share it, and only the missing OrderWriter keeps orders away.
  http::EgressList ToRead() const;
  /// The same and the order host.
  http::EgressList ToWrite() const;

  /// The login dialog's address. Parameters are encoded; `state` comes back with the code.
  std::string LoginDialog(std::string_view client_id, std::string_view redirect_uri,
                          std::string_view state) const;
};

}  // namespace sauda::upstox
