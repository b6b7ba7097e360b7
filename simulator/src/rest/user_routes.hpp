#pragma once

#include "libs/http/server.hpp"
#include "simulator/src/core/brokerage.hpp"
#include "simulator/src/core/logins.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// Profile, funds (v2 and v3), registered addresses and kill switch. Given references must outlive
/// the server.
void AddUserRoutes(http::Server& server, Guard& guard, const Logins& logins,
                   const Brokerage& brokerage, const std::string& static_ip);

}  // namespace sauda::sim
