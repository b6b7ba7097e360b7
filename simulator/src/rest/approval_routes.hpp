#pragma once

#include <functional>
#include <string>

#include "libs/base/secret.hpp"
#include "libs/http/server.hpp"
#include "simulator/src/core/logins.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// What became of a notice.
struct NoticeOutcome {
  int status = 0;      ///< of the notifier's answer; 0: there was none
  std::string reason;  ///< why there was none
};

/// What the routes reach; all of it must outlive the server.
struct ApprovalParts {
  Guard& guard;
  Loop& loop;
  Logins& logins;
  Secret admin_token;
  /// Posts JSON to an address, off the loop's thread, and calls back on any thread. False: too many
  /// notices are on their way, and nothing is called.
  std::function<bool(std::string url, std::string body, std::function<void(NoticeOutcome)>)> send;
};

/// What the user does in the broker's app, and the broker's console, under /sim/admin (README.md
/// lists them); the header X-Sim-Admin must carry the token, else 403.
void AddApprovalRoutes(http::Server& server, const ApprovalParts& given);

}  // namespace sauda::sim
