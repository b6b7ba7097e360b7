#include "services/feed/src/core/delta.hpp"

namespace sauda::feed {
namespace {

template <typename T>
void TakeUnlessZero(T& kept, T news) {
  if (news != T{}) kept = news;
}

void MergeTotals(Totals& kept, const Totals& news) {
  TakeUnlessZero(kept.average_price, news.average_price);
  TakeUnlessZero(kept.volume, news.volume);
  TakeUnlessZero(kept.open_interest, news.open_interest);
  TakeUnlessZero(kept.implied_volatility, news.implied_volatility);
  TakeUnlessZero(kept.total_buy_quantity, news.total_buy_quantity);
  TakeUnlessZero(kept.total_sell_quantity, news.total_sell_quantity);
}

void StartAnew(Tick& tick, bool keep_last) {
  if (!keep_last) tick.last.reset();
  tick.depth.clear();
  tick.greeks.reset();
  tick.bars.clear();
  tick.totals = {};
  tick.auction.reset();
}

}  // namespace

bool IsWhole(const Delta& delta) {
  switch (delta.form) {
    case Form::kLtpc:
      return delta.last.has_value();
    case Form::kIndexFull:
      return delta.last.has_value() && delta.has_bars;
    case Form::kFirstLevel:
      return delta.last.has_value() && delta.has_depth && delta.greeks.has_value();
    case Form::kMarketFull:
      return delta.last.has_value() && delta.has_depth && delta.greeks.has_value() &&
             delta.has_bars;
  }
  return false;
}

void Merge(Tick& tick, const Delta& delta) {
  const bool mode_changed = tick.mode != delta.mode;
  if (delta.snapshot || mode_changed) StartAnew(tick, !delta.snapshot);
  tick.mode = delta.mode;
  tick.broker_snapshot = delta.snapshot;
  if (delta.last) tick.last = delta.last;
  if (delta.has_depth) tick.depth = delta.depth;
  if (delta.greeks) tick.greeks = delta.greeks;
  if (delta.has_bars) tick.bars = delta.bars;
  const bool in_auction = delta.auction != Auction{};
  if (IsWhole(delta)) {
    tick.totals = delta.totals;
    if (!in_auction) tick.auction.reset();
  } else {
    MergeTotals(tick.totals, delta.totals);
  }
  if (in_auction) tick.auction = delta.auction;
}

}  // namespace sauda::feed
