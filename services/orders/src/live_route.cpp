#include "services/orders/src/live_route.hpp"

#include <utility>

namespace sauda::orders {

Result<std::unique_ptr<LiveRoute>> LiveRoute::Make(const Parts& parts) {
  const auto choice = parts.config.ChooseRoute();
  if (!choice) return choice.error();
  if (!choice->writes_to) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID", "the order route is not live"};
  }
  const upstox::Endpoints& endpoints = *choice->writes_to;
  const http::TrustedCa ca{.file = parts.config.broker.ca_file};
  auto client = http::Client::Make({.ca = ca, .allowed = endpoints.ToWrite()}, parts.clock);
  if (!client) return client.error();
  std::unique_ptr<LiveRoute> route{new LiveRoute{parts, endpoints, *std::move(client)}};
  auto socket = upstox::FeedSocket::Make({.ca = ca}, endpoints, route->observer_, parts.clock);
  if (!socket) return socket.error();
  route->socket_ = *std::move(socket);
  return route;
}

LiveRoute::LiveRoute(const Parts& parts, const upstox::Endpoints& endpoints,
                     std::unique_ptr<http::Client> client)
    : parts_{parts},
      observer_{parts.market_clock},
      client_{std::move(client)},
      rest_{*client_, endpoints, observer_},
      writer_{*client_, endpoints, observer_, parts.config.broker_deadline},
      tokens_{parts.auth_channel, parts.config.broker.account, parts.market_clock,
              parts.dependencies},
      venue_{{.writer = writer_,
              .tokens = tokens_,
              .gate = gate_,
              .market_clock = parts.market_clock,
              .observer = observer_,
              .real_broker = parts.config.trades_real_money(),
              .on_lost =
                  [this] {
                    if (link_) link_->CompareSoon();
                  }}},
      book_{rest_, tokens_} {}

void LiveRoute::Start(OrderDesk& desk) {
  reconciler_.emplace(Reconciler::Parts{.account_id = parts_.config.broker.account,
                                        .desk = desk,
                                        .ledger = parts_.ledger,
                                        .book = book_,
                                        .watchman = parts_.watchman,
                                        .clock = parts_.clock,
                                        .market_clock = parts_.market_clock,
                                        .never_arrived_after = parts_.config.never_arrived_after});
  trades_.emplace(TradeReader::Parts{.account_id = parts_.config.broker.account,
                                     .desk = desk,
                                     .ledger = parts_.ledger,
                                     .book = book_,
                                     .instruments = parts_.instruments,
                                     .clock = parts_.clock,
                                     .on_refused = [this](const Order& order, const Error& why) {
                                       parts_.watchman.Tell(Watchman::What::kNotUnderstood, order,
                                                            why.reason + ": " + why.message);
                                     }});
  link_.emplace(LiveLink::Parts{.desk = desk,
                                .reconciler = *reconciler_,
                                .gate = gate_,
                                .venue = venue_,
                                .store = parts_.store,
                                .tokens = tokens_,
                                .rest = rest_,
                                .socket = std::move(socket_),
                                .dependencies = parts_.dependencies,
                                .metrics = parts_.metrics,
                                .trades = *trades_},
                LiveLink::Pace{.settle_every = parts_.config.settle_every,
                               .compare_every = parts_.config.compare_every});
  tokens_.Start();
  link_->Start();
}

}  // namespace sauda::orders
