#pragma once

#include "libs/http/server.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// /v2/market/holidays, timings and status, of the calendar that Sauda ships. As at the broker,
/// holidays and timings want no token. Given references must outlive the server.
void AddCalendarRoutes(http::Server& server, Guard& guard, Market& market);

}  // namespace sauda::sim
