#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "libs/base/result.hpp"
#include "libs/exchange/order_book.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// Live depth for the paper engine. Thread-safe.
class MarketData {
 public:
  virtual ~MarketData() = default;
  /// Asks for an instrument's depth until Release; every update goes to PaperEngine::OnMarket.
  virtual void Follow(const std::string& instrument_key) = 0;
  virtual void Release(const std::string& instrument_key) = 0;
  /// The newest depth; follows the instrument if nobody does, and waits a moment for the first.
  /// Fails with kUnavailable / FEED_DOWN: none came, or the feed is not live.
  virtual Result<exchange::Depth> Latest(const std::string& instrument_key) = 0;
  /// The newest live depth that is there already; does not block.
  virtual std::optional<exchange::Depth> Newest(const std::string& instrument_key) = 0;
};

/// One step of a paper order, to be written to the ledger.
struct PaperStep {
  OrderName name;
  BrokerRow row;                      ///< without trades
  std::optional<Execution> traded{};  ///< what was traded with this step
};

/// Takes the steps of the paper engine in their order. Thread-safe; bounded.
class StepSink {
 public:
  virtual ~StepSink() = default;
  /// Whether there is room for the steps of one more event; the engine stands still until there is.
  virtual bool HasRoom() const = 0;
  virtual void Put(PaperStep step) = 0;
};

/// Fills orders against live market depth by the rules of libs/exchange, and tells every step as
/// the broker would. Nothing leaves the process. What is not in the ledger never happened: after a
/// restart the resting orders are put back with what the ledger has of them. Orders of a closed
/// segment wait as after-market orders; DAY orders end with the session, and with the day in India
/// at the latest. Owned by the app; thread-safe.
class PaperEngine final : public Venue {
 public:
  /// `clock_source` is where the market clock's time comes from.
  PaperEngine(MarketData& market, StepSink& sink, const MarketClock& market_clock,
              MarketClock::Source clock_source = MarketClock::Source::kWall)
      : market_{market}, sink_{sink}, market_clock_{market_clock}, clock_source_{clock_source} {}

  Route route() const override { return Route::kPaper; }
  bool simulated() const override { return true; }

  /// Fails with kUnavailable / NOT_RECONCILED until Open.
  Result<void> CheckReady() override;
  /// Market and IOC orders of a segment that is open need a live price: kUnavailable / FEED_DOWN.
  Result<void> CheckOrder(const NewOrder& order, const Instrument& instrument) override;
  /// Refused as the broker would: UDAPI1161 (MCX), UDAPI100074 (service closed, 00:00-05:30 IST).
  Report Place(const Order& order, const Instrument& instrument) override;
  Result<void> Modify(const Order& order, const Terms& terms) override;
  Result<void> Cancel(const Order& order) override;

  /// Puts an open order of the ledger back. A market order that rested at its protection price, and
  /// a DAY order of another day, are cancelled instead.
  void Restore(const Order& order, Decimal tick);

  /// Every resting order has been restored; new ones may come.
  void Open();

  /// The market of an instrument moved. Steps are dropped while the sink has no room: the next
  /// update brings the same market again.
  void OnMarket(const std::string& instrument_key, const exchange::Depth& depth);

  /// The market is not live any more: what it offered is gone, and fills nothing.
  void OnMarketLost();

  /// The broker says whether a segment (`NSE_FO`) trades. When it opens, the after-market orders of
  /// the segment meet the market; while it does not, what rests there is cancelled: its session is
  /// over. To be called again and again: what finds no room in the sink, or a market or IOC order
  /// without a live price, waits for the next call. A segment that nobody spoke of counts as open.
  void OnSegment(const std::string& segment, bool open);

  /// Cancels DAY orders of earlier days. Nothing while the broker has not said what day it is.
  void EndOldDays();

  /// Whether an order with this status waits for its segment to open.
  static bool WaitsForSession(std::string_view broker_status);

  /// Whether an order is in the engine.
  bool Has(const std::string& tag);

 private:
  __extension__ using Wide = __int128;  // price in nanos times quantity passes 64 bits

  struct Standing {
    OrderName name;
    std::string tag;
    std::string instrument_key;
    Side side = Side::kUnknown;
    Terms terms;
    std::int32_t protection_percent = 0;
    bool fired = false;              // a stop that is a limit or market order by now
    bool after_market = false;       // waits for its segment to open, outside the book
    std::int64_t filled = 0;         // all of it
    std::int64_t filled_before = 0;  // what the book does not know: filled before a restart
    Wide value = 0;                  // nanos of a rupee, all fills together
    std::int64_t market_ms = 0;
  };

  /// What the engine knows of one instrument. It stays when the last order ends, so that what was
  /// taken from the market stays taken until it moves.
  struct Pit {
    explicit Pit(Decimal step) : tick{step}, book{step} {}
    Decimal tick;
    exchange::OrderBook book;
    int orders = 0;  // after-market ones too; the market is followed while there are any
    /// Orders that came while no depth was there. They did not rest before the market that comes
    /// first, so they meet it as orders that come to it.
    std::vector<exchange::OrderId> unmet;
  };
  static constexpr std::size_t kMostPits = 1'024;  // then those without orders go

  static std::string NumberOf(const std::string& tag) { return "paper-" + tag; }
  static exchange::OrderTerms BookTerms(const Standing& standing, const Terms& terms);
  bool IsClosed(const std::string& instrument_key) const;
  bool IsServiceOpen() const;
  std::vector<exchange::OrderId> OrdersOf(const std::string& segment, bool after_market) const;
  Report Wait(const Order& order, Pit& pit);
  void ModifyWaiting(Standing& standing, const Terms& terms);
  void CancelWaiting(exchange::OrderId id);
  bool Release(exchange::OrderId id);
  void EndSession(exchange::OrderId id);
  void Enter(exchange::OrderId id, Pit& pit, bool met);
  exchange::OrderId Add(const Order& order, Pit& pit);
  Pit& PitOf(const std::string& instrument_key, Decimal tick);
  /// Shows the newest depth to the book. False: there is none, and the book has none any more.
  bool ShowNewest(const std::string& instrument_key, Pit& pit);
  void Meet(Pit& pit, const exchange::Depth& depth);
  void Tell(const Standing& standing, std::string_view status, const std::string& message,
            std::optional<Execution> traded = {});
  void Trade(Standing& standing, const exchange::BookEvent& event);
  void Take(const std::vector<exchange::BookEvent>& events);
  void End(exchange::OrderId id);

  MarketData& market_;
  StepSink& sink_;
  const MarketClock& market_clock_;
  const MarketClock::Source clock_source_;

  std::mutex mutex_;  // guards what follows
  bool open_ = false;
  exchange::OrderId last_id_ = 0;
  std::map<exchange::OrderId, Standing> orders_;
  std::map<std::string, exchange::OrderId, std::less<>> ids_;  // by tag
  std::map<std::string, Pit, std::less<>> pits_;               // by instrument
  std::map<std::string, bool, std::less<>> open_segments_;     // as the broker said last
};

}  // namespace sauda::orders
