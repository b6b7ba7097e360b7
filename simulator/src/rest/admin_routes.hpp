#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "libs/base/secret.hpp"
#include "libs/http/server.hpp"
#include "simulator/src/core/faults.hpp"
#include "simulator/src/core/logins.hpp"
#include "simulator/src/core/market.hpp"
#include "simulator/src/feed_hub.hpp"
#include "simulator/src/portfolio_hub.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// How far a recording has come.
struct ReplayProgress {
  std::uint64_t served = 0;
  std::uint64_t total = 0;
  std::optional<std::string> failure;
};

/// What the admin interface reaches; all of it must outlive the server.
struct AdminParts {
  Guard& guard;
  Loop& loop;
  Market& market;
  Logins& logins;
  Faults& faults;
  Metrics& metrics;
  FeedHub& feed;
  PortfolioHub& portfolio;
  Secret token;
  /// Absent for a generated market.
  std::function<std::optional<ReplayProgress>()> replay;
  /// Starts a recording that waits for its subscribers; false when there is none.
  std::function<bool()> start_replay;
  /// Lets a stepped recording go on by so many elements; false when there is none.
  std::function<bool(std::uint64_t elements)> step_replay;
};

/// Whether a request carries the admin token.
bool IsAdmin(const http::Request& request, const Secret& token);

/// Status, faults and replay under /sim/admin (README.md lists them); the header X-Sim-Admin must
/// carry the token, else 403.
void AddAdminRoutes(http::Server& server, const AdminParts& given);

}  // namespace sauda::sim
