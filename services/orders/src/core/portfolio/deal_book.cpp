#include "services/orders/src/core/portfolio/deal_book.hpp"

#include <algorithm>

#include "libs/base/check.hpp"

namespace sauda::orders::portfolio {

MarketDay MarketDayOf(const calendar::Calendar& calendar, IstDate date) {
  constexpr int kLongestBreak = 30;  // days without trading; there has never been such a one
  IstDate day = date;
  for (int found = 0, looked = 0; found < 2 && looked < kLongestBreak; ++looked) {
    day = day.Plus(-1);
    found += calendar.IsTradingDay(calendar::Segment::kNseEquity, day) ? 1 : 0;
  }
  return {.date = date, .settled_through = day};
}

void DealBook::BeginDay(IstDate date) {
  MarketDay next = MarketDayOf(calendar_, date);
  if (!book_) {
    book_.emplace(next);
    return;
  }
  if (date <= day()) return;
  // A calendar that has learnt of a holiday since would have it go back.
  next.settled_through = std::max(next.settled_through, book_->day().settled_through);
  const auto ended = book_->BeginDay(next);
  Check(ended.has_value(), "a later day may begin");
  Tell(ended->delivered);
  last_number_ = trades_of_day_ = uncharged_of_day_ = 0;
}

Result<void> DealBook::Take(const KeptDeal& kept) {
  const Trade& trade = kept.deal.trade;
  if (auto checked = CheckTrade(trade); !checked) return checked;
  BeginDay(trade.day());
  if (trade.day() == day() && kept.number < last_number_) {
    return Error{Code::kFailedPrecondition, "TRADE_OUT_OF_ORDER",
                 "trade " + trade.id + " was written before others that are booked"};
  }
  const auto booked = book_->Apply(trade);
  if (!booked) return booked.error();
  if (booked->repeated) return {};
  last_number_ = kept.number;
  ++trades_of_day_;
  uncharged_of_day_ += kept.deal.charged ? 0 : 1;
  Tell(booked->closed);
  return {};
}

}  // namespace sauda::orders::portfolio
