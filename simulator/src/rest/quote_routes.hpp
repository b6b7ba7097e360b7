#pragma once

#include "libs/http/server.hpp"
#include "simulator/src/core/market.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// Last prices, v2 and v3. A list with one invalid key is refused whole. Given
/// references must outlive the server.
void AddQuoteRoutes(http::Server& server, Guard& guard, Market& market);

}  // namespace sauda::sim
