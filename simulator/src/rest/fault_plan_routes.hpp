#pragma once

#include "libs/base/secret.hpp"
#include "libs/http/server.hpp"
#include "simulator/src/core/faults.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// Faults by chance under /sim/admin/fault-plan (README.md has its form): PUT begins one in place
/// of the one before, GET tells it and what it drew, DELETE ends it. The header X-Sim-Admin must
/// carry the token, else 403. `guard` and `faults` must outlive the server.
void AddFaultPlanRoutes(http::Server& server, Guard& guard, Faults& faults, const Secret& token);

}  // namespace sauda::sim
