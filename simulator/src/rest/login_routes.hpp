#pragma once

#include "libs/http/server.hpp"
#include "simulator/src/core/logins.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// Dialog, token exchange and logout. Given references must outlive the server.
void AddLoginRoutes(http::Server& server, Guard& guard, Logins& logins);

}  // namespace sauda::sim
