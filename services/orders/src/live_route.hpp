#pragma once

#include <memory>
#include <optional>
#include <string>

#include "libs/http/client.hpp"
#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/endpoints.hpp"
#include "libs/upstox/feed_socket.hpp"
#include "libs/upstox/order_writer.hpp"
#include "libs/upstox/rest_client.hpp"
#include "services/orders/src/adapters/token_watch.hpp"
#include "services/orders/src/adapters/upstox_venue.hpp"
#include "services/orders/src/config.hpp"
#include "services/orders/src/live_link.hpp"
#include "services/orders/src/route.hpp"

namespace sauda::orders {

/// Orders to the broker, or with broker `sim` to the simulator. The only place of the service that
/// makes a client which can write orders; made only when the order route is `live`. Members in the
/// order in which they start; they die in reverse.
class LiveRoute final : public RouteParts {
 public:
  struct Parts {
    const Config& config;
    std::shared_ptr<grpc::Channel> auth_channel;
    const Clock& clock;
    MarketClock& market_clock;
    telemetry::Dependencies& dependencies;
    Metrics& metrics;
    Watchman& watchman;
    Ledger& ledger;
    InstrumentDirectory& instruments;
    StoreKeeper& store;
  };

  /// Fails as Config::ChooseRoute does, and with kInvalidArgument / TLS_INVALID.
  static Result<std::unique_ptr<LiveRoute>> Make(const Parts& parts);

  Venue& venue() override { return venue_; }
  BrokerBook* book() override { return &book_; }
  void Start(OrderDesk& desk) override;

 private:
  LiveRoute(const Parts& parts, const upstox::Endpoints& endpoints,
            std::unique_ptr<http::Client> client);

  const Parts parts_;
  upstox::BrokerObserver observer_;
  const std::unique_ptr<http::Client> client_;
  upstox::RestClient rest_;
  upstox::OrderWriter writer_;
  std::unique_ptr<upstox::FeedSocket> socket_;  // until the link takes it
  TokenWatch tokens_;
  AcceptGate gate_{"the ledger has not been compared with the broker's book yet"};
  UpstoxVenue venue_;
  UpstoxBook book_;
  std::optional<Reconciler> reconciler_;
  std::optional<TradeReader> trades_;
  std::optional<LiveLink> link_;
};

}  // namespace sauda::orders
