#pragma once

#include "libs/http/server.hpp"
#include "simulator/src/feed_hub.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// Both ways to the market-data feed. Given references must outlive the
/// server.
void AddFeedRoutes(http::Server& server, Guard& guard, FeedHub& hub);

}  // namespace sauda::sim
