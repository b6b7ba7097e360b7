#pragma once

#include <string>

#include "libs/base/result.hpp"

namespace sauda::cli {

/// Where the services listen.
struct Addresses {
  std::string auth;
  std::string instruments;
  std::string feed;
  std::string orders;
};

/// Fills in what `given` leaves empty: from the endpoints file of a running Sauda, then the house's
/// defaults. `file` empty: `.sauda/endpoints.json` here or in a folder above, if there is one.
/// Fails with kInvalidArgument / ENDPOINTS_UNREADABLE when a file is there and cannot be used.
Result<Addresses> FindAddresses(Addresses given, const std::string& file);

}  // namespace sauda::cli
