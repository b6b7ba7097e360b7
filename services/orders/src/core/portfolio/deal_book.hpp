#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "libs/calendar/calendar.hpp"
#include "services/orders/src/core/deal.hpp"
#include "services/orders/src/core/portfolio/position_book.hpp"

namespace sauda::orders::portfolio {

/// The day with what is settled on it: shares bought on the trading day before the last one, or
/// earlier. Days on which banks are closed and exchanges are not are not known here.
MarketDay MarketDayOf(const calendar::Calendar& calendar, IstDate date);

/// A position book that is fed with the ledger's trades in their order, and turns its days itself.
/// Not thread-safe.
class DealBook {
 public:
  /// What trades and ends of days closed, when somebody collects it.
  using OnClosed = std::function<void(const std::vector<ClosedLot>&)>;

  explicit DealBook(const calendar::Calendar& calendar, OnClosed on_closed = nullptr)
      : calendar_{calendar}, on_closed_{std::move(on_closed)} {}

  /// Books a trade, and first begins its day. Fails as PositionBook::Apply does, and with
  /// kFailedPrecondition / TRADE_OUT_OF_ORDER: later ones of its day are booked already, so that
  /// the book has to be made anew.
  Result<void> Take(const KeptDeal& kept);

  /// Begins a day; nothing when the book is at it or further.
  void BeginDay(IstDate date);

  /// Absent: no day has begun.
  const std::optional<PositionBook>& book() const { return book_; }
  IstDate day() const { return book_ ? book_->day().date : IstDate{}; }
  /// Trades of the day that are booked, and those of them without charges.
  std::int64_t trades_of_day() const { return trades_of_day_; }
  std::int64_t uncharged_of_day() const { return uncharged_of_day_; }

 private:
  void Tell(const std::vector<ClosedLot>& closed) const {
    if (on_closed_ && !closed.empty()) on_closed_(closed);
  }

  const calendar::Calendar& calendar_;
  const OnClosed on_closed_;
  std::optional<PositionBook> book_;
  std::int64_t last_number_ = 0;  // of the day
  std::int64_t trades_of_day_ = 0;
  std::int64_t uncharged_of_day_ = 0;
};

}  // namespace sauda::orders::portfolio
