#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/exchange/desk.hpp"
#include "simulator/src/core/api_error.hpp"
#include "simulator/src/core/market.hpp"
#include "simulator/src/core/order_checks.hpp"
#include "simulator/src/core/portfolio.hpp"

namespace sauda::sim {

/// An order as the book, the history and the stream show it.
struct OrderRow {
  exchange::OrderState state;
  ListingId listing = 0;
  std::string product;
  std::string tag;  ///< empty: none was given
  std::int64_t disclosed = 0;
  std::int64_t placed_ms = 0;    ///< market time
  std::int64_t exchange_ms = 0;  ///< market time; 0 before the exchange has accepted it
  std::string exchange_order_id;
  std::uint32_t request_number = 1;  ///< counts the changes asked for
};

/// An execution as the trade list shows it.
struct TradeRow {
  OrderRow order;
  exchange::Fill fill;
  std::uint64_t exchange_trade_id = 0;  ///< as first_number, not given twice on one day
  std::int64_t market_ms = 0;
};

/// Hears every step as it happens. Called inside the calls of Brokerage; must not call back.
class BrokerageListener {
 public:
  virtual ~BrokerageListener() = default;
  virtual void OnOrder(const OrderRow& row) = 0;
  /// After the OnOrder of the step that it is.
  virtual void OnTrade(const TradeRow& trade) = 0;
  virtual void OnPosition(const Position& position) = 0;
  virtual void OnHolding(const Holding& holding) = 0;
};

/// The order side of the simulated broker: checks, risk, matching against the simulated market, the
/// book, positions and holdings of its one user. Pure; not thread-safe; lives on the market's
/// thread. The trading day changes at 05:30 IST: open orders of the old one are cancelled, finished
/// ones and trades forgotten, positions and holdings carried over (Portfolio::EndDay). At most
/// kMaxOrders a day, each with its first and its newest steps.
class Brokerage {
 public:
  struct Options {
    Decimal opening_cash;
    std::vector<Holding> holdings;
    /// Order ids end in nine digits that count from here, so that a restarted simulator does not
    /// give an id twice on one day.
    std::uint64_t first_number = 1;
  };

  static constexpr std::size_t kMaxOrders = 50'000;
  static constexpr std::size_t kMaxSteps = 500;

  /// `market` and `listener` must outlive it.
  Brokerage(Market& market, BrokerageListener& listener, Options options);
  ~Brokerage();
  Brokerage(const Brokerage&) = delete;
  Brokerage& operator=(const Brokerage&) = delete;

  /// Ids of the orders made: one, or several slices. Refused orders (funds, circuit, freeze) are
  /// made too and end as rejected. Fails with the codes of CheckPlace and CheckTerms, UDAPI1118 for
  /// too many slices, 100074 outside the service window.
  Answer<std::vector<exchange::OrderId>> Place(const PlaceRequest& request, std::int64_t market_ms);

  /// What the broker's risk checks or the exchange refuse is told as `not modified`, not as a
  /// failure. Fails with UDAPI1003, 1010, 100010, 100041, 100074 and the codes of CheckTerms.
  Answer<exchange::OrderId> Modify(const ModifyRequest& request, std::int64_t market_ms);

  /// Fails with UDAPI1003, 1010, 100010, 100040, 100074.
  Answer<exchange::OrderId> Cancel(const std::optional<std::string>& order_id,
                                   std::int64_t market_ms);

  /// The market moved: fills and triggers, then what the segments' sessions ask for.
  void OnUpdates(std::span<const Update> updates, std::int64_t market_ms);

  /// Newest state of each order, oldest order first.
  std::vector<OrderRow> Orders() const;
  /// Null for an unknown id; valid until the next call that changes anything.
  const OrderRow* Find(exchange::OrderId id) const;
  /// Every state of an order, oldest first; empty for an unknown id.
  std::vector<OrderRow> History(exchange::OrderId id) const;
  /// The same of all orders with this tag.
  std::vector<OrderRow> HistoryOfTag(std::string_view tag) const;
  const std::vector<TradeRow>& trades() const { return trades_; }
  const Portfolio& portfolio() const { return portfolio_; }

  /// Cash at the start of the trading day.
  Decimal opening_cash() const { return cash_; }
  /// What open orders and positions hold back.
  Decimal used_margin() const;
  /// Cash and realised profit, less the margin in use.
  Decimal available_margin() const;

 private:
  /// Everything about one order; the steps share what never changes.
  struct Kept {
    OrderRow row;
    std::vector<OrderRow> steps;
  };

  exchange::Desk NewDesk();
  exchange::Depth DepthOf(std::string_view key);
  bool IsOpen(std::string_view segment) const;
  std::optional<std::string> Refusal(const OrderRow& row, std::int64_t quantity) const;
  std::optional<std::string> MoneyRefusal(const OrderRow& row, std::int64_t quantity) const;
  Decimal PriceOf(const OrderRow& row) const;
  void Record(const std::vector<exchange::Update>& updates, std::int64_t market_ms);
  void EnterTrade(const OrderRow& row, const exchange::Fill& fill, std::int64_t market_ms);
  void FollowOrNot(const std::string& key, ListingId listing);
  void OnSegments(std::int64_t market_ms);
  void OnDay(std::int64_t market_ms);
  void EndDay(std::int64_t market_ms);
  std::vector<exchange::Update> NotModified(const OrderRow& row, const std::string& why) const;
  Answer<Kept*> FindToChange(const std::optional<std::string>& order_id, std::int64_t market_ms);

  Market& market_;
  BrokerageListener& listener_;
  const Options options_;
  exchange::Desk desk_;
  Portfolio portfolio_;
  std::map<exchange::OrderId, Kept> orders_;  // ids rise, so this is their order in time
  std::set<exchange::OrderId> live_;          // those that are not finished
  std::vector<TradeRow> trades_;
  std::map<std::string, ListingId> followed_;  // listings whose updates orders wait for
  std::set<exchange::OrderId> after_market_;   // orders that wait for their session
  SegmentStatuses told_;
  Decimal cash_;
  std::optional<std::int64_t> day_;  // the trading day; absent before the first call
  std::uint64_t last_number_ = 0;
  std::uint64_t last_printed_trade_ = 0;
};

}  // namespace sauda::sim
