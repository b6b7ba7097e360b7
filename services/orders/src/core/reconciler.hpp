#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// Whether the broker's order service answers for orders at this market time: 05:30 to 24:00 IST.
/// Source: error UDAPI100074.
bool IsOrderServiceOpen(std::int64_t market_ms);

/// Whether two market times are of the same day in India; the broker's book is one day's.
bool IsSameMarketDay(std::int64_t a_ms, std::int64_t b_ms);

/// Decides when an order of unknown fate has never arrived: the broker's book and history were read
/// cleanly, without it, twice, at least `apart` from each other, while the order service was open,
/// on the day on which it was sent. Not thread-safe; forgets on restart, which only delays.
class ArrivalJudge {
 public:
  explicit ArrivalJudge(std::chrono::milliseconds apart) : apart_{apart} {}

  /// Notes one clean read that began at `read_at` and did not show the order. True: it never
  /// arrived.
  bool NoteAbsence(const std::string& tag, Monotonic read_at, std::int64_t market_now_ms,
                   std::int64_t sent_market_ms);

  /// The order is settled, or a read failed: the count starts anew.
  void Forget(const std::string& tag) { first_absent_.erase(tag); }

 private:
  const std::chrono::milliseconds apart_;
  std::map<std::string, Monotonic> first_absent_;
};

/// Brings the ledger and the broker's book together. Owned by the live link's thread; not
/// thread-safe.
class Reconciler {
 public:
  struct Parts {
    std::string account_id;
    OrderDesk& desk;
    Ledger& ledger;
    BrokerBook& book;
    Watchman& watchman;
    const Clock& clock;
    const MarketClock& market_clock;
    std::chrono::milliseconds never_arrived_after{60'000};
  };

  explicit Reconciler(Parts parts) : parts_{std::move(parts)}, judge_{parts_.never_arrived_after} {}

  struct Summary {
    std::int64_t rows = 0;         ///< rows of the broker's book
    std::int64_t unknown = 0;      ///< orders whose fate is not known yet, or that are being placed
    std::int64_t missing = 0;      ///< open orders that the book does not show
    std::int64_t unconfirmed = 0;  ///< open orders with a modify or cancel that does not show yet
  };

  /// One pass: reads the book, takes in every row, adopts what was placed elsewhere, turns intents
  /// that nobody is sending into UNKNOWN, and settles what is UNKNOWN by tag. Fails with what the
  /// ports fail with; the ledger is then not known to agree, and the pass must be repeated.
  Result<Summary> Run();

 private:
  Result<std::set<std::string>> KnownRows(const std::vector<BrokerRow>& rows);
  Result<void> Settle(Order order, Monotonic read_at, Summary& summary);
  Result<bool> FoundByTag(const Order& order);

  const Parts parts_;
  ArrivalJudge judge_;
};

}  // namespace sauda::orders
