#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/core/paper_engine.hpp"
#include "services/orders/src/core/ports.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_ledger.hpp"

namespace sauda::orders {

inline Decimal D(const char* text) { return *Decimal::Parse(text); }

/// A future of lot 75, tick 0.05, freeze 1800.
inline Instrument Future() {
  return {.id = 7,
          .key = "NSE_FO|53001",
          .trading_symbol = "NIFTY FUT 30 DEC 25",
          .tick = D("0.05"),
          .lot = 75,
          .freeze_quantity = 1'800,
          .expiry_ms = 1'767'119'399'000,
          .tradable = true,
          .active = true,
          .segment = "NSE_FO",
          .type = "FUT",
          .underlying_key = "NSE_INDEX|Nifty 50",
          .underlying_symbol = "NIFTY"};
}

/// 15 December 2025, 10:00 in India.
constexpr std::int64_t kMondayMs = 1'765'773'000'000;

/// A trade of that future, charged.
inline Deal FutureDeal(std::string id, std::int64_t quantity, const char* price = "26000",
                       std::int64_t market_ms = kMondayMs) {
  return {.trade = {.id = std::move(id),
                    .order_id = "1",
                    .contract = {.instrument_id = 7,
                                 .key = "NSE_FO|53001",
                                 .trading_symbol = "NIFTY FUT 30 DEC 25",
                                 .segment = "NSE_FO",
                                 .kind = portfolio::Kind::kFuture},
                    .product = Product::kIntraday,
                    .side = Side::kBuy,
                    .quantity = quantity,
                    .price = D(price),
                    .market_ms = market_ms,
                    .charges = Amount::FromPaise(4'725)},
          .charged = true};
}

/// A valid order to buy one lot of it at 26000.
inline NewOrder BuyOneLot(std::string id = "c1") {
  return {.account_id = "main",
          .client_order_id = std::move(id),
          .instrument = "NSE_FO|53001",
          .side = Side::kBuy,
          .quantity = 75,
          .type = OrderType::kLimit,
          .price = D("26000"),
          .product = Product::kIntraday,
          .validity = Validity::kDay};
}

class FakeInstruments final : public InstrumentDirectory {
 public:
  FakeInstruments() { known["NSE_FO|53001"] = known["NIFTY FUT 30 DEC 25"] = Future(); }
  Result<Instrument> Find(const std::string& name) override {
    if (before_answer) before_answer();
    if (down) return Error{Code::kUnavailable, "INSTRUMENTS_DOWN", "the test took it away"};
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    return Error{Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument " + name};
  }
  bool down = false;
  std::function<void()> before_answer;
  std::map<std::string, Instrument> known;
};

/// Answers as it is told and keeps what it was sent.
class FakeVenue final : public Venue {
 public:
  Route route() const override { return Route::kLive; }
  bool simulated() const override { return is_simulated; }
  Result<void> CheckReady() override { return ready; }
  Result<void> CheckOrder(const NewOrder&, const Instrument&) override { return fits; }
  Report Place(const Order& order, const Instrument&) override {
    {
      const std::lock_guard lock{mutex};
      placed.push_back(order);
    }
    if (before_answer) before_answer(order);
    return answer;
  }
  Result<void> Modify(const Order& order, const Terms& terms) override {
    modified.emplace_back(order, terms);
    if (before_modify_answer) before_modify_answer();
    return modify_answer;
  }
  Result<void> Cancel(const Order& order) override {
    cancelled.push_back(order);
    return cancel_answer;
  }

  bool is_simulated = true;
  Result<void> ready;
  Result<void> fits;
  Report answer = Accepted{.broker_order_ids = {"2512150001"}};
  Result<void> modify_answer;
  Result<void> cancel_answer;
  std::function<void(const Order&)> before_answer;
  std::function<void()> before_modify_answer;
  std::mutex mutex;
  std::vector<Order> placed;
  std::vector<std::pair<Order, Terms>> modified;
  std::vector<Order> cancelled;
};

class FakeBook final : public BrokerBook {
 public:
  Result<std::vector<BrokerRow>> Book() override {
    ++reads;
    if (down) return Error{Code::kUnavailable, "BROKER_DOWN", "the test took it away"};
    return book;
  }
  Result<std::vector<BrokerRow>> HistoryOfTag(const std::string& tag) override {
    if (down || history_down) {
      return Error{Code::kUnavailable, "BROKER_DOWN", "the test took it away"};
    }
    const auto found = history.find(tag);
    return found == history.end() ? std::vector<BrokerRow>{} : found->second;
  }
  Result<std::vector<BrokerTrade>> TradesOfDay() override {
    ++trade_reads;
    if (down) return Error{Code::kUnavailable, "BROKER_DOWN", "the test took it away"};
    return trades;
  }
  Result<std::vector<BrokerHolding>> Holdings() override {
    ++holding_reads;
    if (down) return Error{Code::kUnavailable, "BROKER_DOWN", "the test took it away"};
    return holdings;
  }
  int holding_reads = 0;
  std::vector<BrokerHolding> holdings;
  int trade_reads = 0;
  std::vector<BrokerTrade> trades;
  bool down = false;
  bool history_down = false;
  int reads = 0;
  std::vector<BrokerRow> book;
  std::map<std::string, std::vector<BrokerRow>> history;
};

class FakeListener final : public OrderListener {
 public:
  void OnOrder(const Order& order) override {
    const std::lock_guard lock{mutex};
    seen.push_back(order);
  }
  std::mutex mutex;
  std::vector<Order> seen;
};

class FakeWatchman final : public Watchman {
 public:
  void Tell(What what, const Order& order, std::string_view) override {
    const std::lock_guard lock{mutex};
    told.emplace_back(what, order.request.client_order_id);
  }
  std::size_t Count(What what) {
    const std::lock_guard lock{mutex};
    std::size_t count = 0;
    for (const auto& [heard, id] : told) count += heard == what ? 1U : 0U;
    return count;
  }
  std::mutex mutex;
  std::vector<std::pair<What, std::string>> told;
};

/// A desk with fakes all round.
struct DeskFixture {
  OrderDesk::Parts PartsWith(Venue& used) {
    return {.account_id = "main",
            .ledger = ledger,
            .instruments = instruments,
            .venue = used,
            .listener = listener,
            .watchman = watchman,
            .clock = clock,
            .market_clock = market_clock,
            .make_tag = [this] { return "tag-" + std::to_string(++tags); }};
  }

  ManualClock clock;
  MarketClock market_clock{clock, MarketClock::Source::kWall};
  MemoryLedger ledger;
  FakeInstruments instruments;
  FakeVenue venue;
  FakeListener listener;
  FakeWatchman watchman;
  std::atomic<int> tags{0};
  OrderDesk desk{PartsWith(venue)};
};

}  // namespace sauda::orders
