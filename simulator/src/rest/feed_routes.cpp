#include "simulator/src/rest/feed_routes.hpp"

#include <nlohmann/json.hpp>

#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {

void AddFeedRoutes(http::Server& server, Guard& guard, FeedHub& hub) {
  using Access = Guard::Access;
  server.Route("GET", "/v3/feed/market-data-feed/authorize",
               guard.Wrap(FaultTarget::kFeed, Access::kToken,
                          [&hub](const http::Request& request, const Moment& moment) {
                            const std::string address = hub.NewAddress(request, moment.now);
                            return Success({{"authorized_redirect_uri", address},
                                            {"authorizedRedirectUri", address}});
                          }));
  server.RouteWebSocket(
      "/v3/feed/market-data-feed",
      guard.WrapUpgrade(
          FaultTarget::kFeed, Access::kToken,
          [&hub](const http::Request& request, const Moment& moment, http::Upgrade& upgrade) {
            upgrade.Refuse(http::Response::Redirect(hub.NewAddress(request, moment.now)));
          }));
  server.RouteWebSocket(
      FeedHub::kPath,
      guard.WrapUpgrade(FaultTarget::kFeed, Access::kOpen,
                        [&hub](const http::Request& request, const Moment& moment,
                               http::Upgrade& upgrade) { hub.Connect(request, moment, upgrade); }));
}

}  // namespace sauda::sim
