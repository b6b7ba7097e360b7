#pragma once

#include <string>

#include "libs/http/server.hpp"
#include "simulator/src/core/brokerage.hpp"
#include "simulator/src/core/market.hpp"
#include "simulator/src/metrics.hpp"
#include "simulator/src/order_record.hpp"
#include "simulator/src/portfolio_hub.hpp"
#include "simulator/src/rest/guard.hpp"

namespace sauda::sim {

/// Tells the portfolio stream every step, and before it the record of orders, where one is kept.
/// What is given must outlive it.
class StreamTeller final : public BrokerageListener {
 public:
  StreamTeller(const Master& master, PortfolioHub& hub, Metrics& metrics, std::string user_id,
               OrderRecord* record = nullptr);
  void OnOrder(const OrderRow& row) override;
  void OnTrade(const TradeRow& trade) override;
  void OnPosition(const Position& position) override;
  void OnHolding(const Holding& holding) override;

 private:
  const Master& master_;
  PortfolioHub& hub_;
  Metrics& metrics_;
  const std::string user_id_;
  OrderRecord* const record_;
};

/// What the order and portfolio routes reach; all of it must outlive the server.
struct OrderParts {
  Guard& guard;
  Market& market;
  Brokerage& brokerage;
  PortfolioHub& hub;
  std::string user_id;
};

/// Orders v2 and v3, queries, positions, holdings, the portfolio stream.
void AddOrderRoutes(http::Server& server, const OrderParts& given);

}  // namespace sauda::sim
