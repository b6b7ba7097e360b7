#include "simulator/src/core/market_listing.hpp"

#include <algorithm>
#include <cmath>

#include "simulator/src/core/master_reference.hpp"

namespace sauda::sim {
namespace {

constexpr double kUnits = 10'000;  // in a rupee
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 1'440 * kMinuteMs;

double Rupees(std::int64_t units) { return static_cast<double>(units) / kUnits; }

std::int64_t MinuteOf(std::int64_t ms) { return ms - ms % kMinuteMs; }

void Extend(Bar& bar, double price, std::int64_t volume) {
  bar.high = std::max(bar.high, price);
  bar.low = std::min(bar.low, price);
  bar.close = price;
  bar.volume += volume;
}

/// Puts resting orders into one side of a generated book. `better` says which price comes first;
/// those that would cross `opposite` are left out, for they are about to trade.
template <typename Offers, typename Resting, typename Better>
void Merge(Offers& offers, const Resting& resting, std::int64_t opposite, Better better) {
  for (const auto& order : resting) {
    const std::int64_t units = order.first;
    const std::int64_t quantity = order.second;
    if (opposite != 0 && !better(opposite, units)) continue;
    const auto at = std::find_if(offers.begin(), offers.end(),
                                 [&](const auto& offer) { return !better(offer.units, units); });
    if (at != offers.end() && at->units == units) {
      at->quantity += quantity;
    } else {
      offers.insert(at, {units, quantity});
    }
  }
  if (offers.size() > MarketListing::kLevels) offers.resize(MarketListing::kLevels);
}

}  // namespace

MarketListing::MarketListing(const PriceModel& model, const Listing& listing,
                             const Pricing& pricing, bool always_open, std::int64_t ms)
    : model_{model},
      listing_{listing},
      pricing_{pricing},
      always_open_{always_open},
      tick_{listing.TickUnits()},
      lot_{std::max<std::int64_t>(1, listing.lot_size.value_or(1))},
      random_{pricing.root ^ HashText(listing.instrument_key)} {
  state_.index = listing.IsIndex();
  state_.bars.resize(2);
  StartDay(ms);
}

std::uint64_t MarketListing::Random() { return Mix(random_++); }

std::int64_t MarketListing::Lots(std::uint64_t most) {
  return lot_ * static_cast<std::int64_t>(1 + Random() % most);
}

std::int64_t MarketListing::OnTick(double price) const {
  const double ticks = std::round(price * kUnits / static_cast<double>(tick_));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(ticks)) * tick_;
}

Session MarketListing::SessionAt(std::int64_t ms) const {
  if (!always_open_) return LastSession(listing_.segment, ms);
  const std::int64_t midnight = IstMidnightMs(ms);
  return {.open_ms = midnight, .close_ms = midnight + kDayMs};
}

void MarketListing::StartDay(std::int64_t ms) {
  session_ = SessionAt(ms);
  const std::int64_t until = std::clamp(ms, session_.open_ms, session_.close_ms);
  const std::int64_t before = SessionAt(session_.open_ms - 1).close_ms;
  state_.cp = Rupees(OnTick(model_.PriceAt(pricing_, before)));
  SampleDay(until);
  SampleMinute(until);
  moved_ms_ = until;
  if (state_.index) return;
  const Fair fair = model_.FairAt(pricing_, until);
  state_.greeks = fair.greeks;
  state_.iv = fair.iv;
  if (listing_.expiry_ms) {
    state_.oi = static_cast<double>(lot_ * static_cast<std::int64_t>(100 + Random() % 20'000));
    oi_changes_ms_ = until + static_cast<std::int64_t>(Random() % (4 * kMinuteMs));
  }
  MakeBook(fair.price);
  ShowBook();
}

/// The day's bar, volume and average up to now, from samples of the price.
void MarketListing::SampleDay(std::int64_t until_ms) {
  const double open = Rupees(OnTick(model_.PriceAt(pricing_, session_.open_ms)));
  Bar day{.interval = "1d", .open = open, .high = open, .low = open, .close = open};
  day.start_ms = IstMidnightMs(session_.open_ms);
  constexpr std::int64_t kSampleMs = 5 * kMinuteMs;
  double sum = open;
  std::int64_t samples = 1;
  for (std::int64_t at = session_.open_ms + kSampleMs; at < until_ms; at += kSampleMs, ++samples) {
    const double price = Rupees(OnTick(model_.PriceAt(pricing_, at)));
    Extend(day, price, 0);
    sum += price;
  }
  state_.ltp = Rupees(OnTick(model_.PriceAt(pricing_, until_ms)));
  Extend(day, state_.ltp, 0);
  state_.ltt_ms = until_ms;
  if (!state_.index) {
    const double part = static_cast<double>(until_ms - session_.open_ms) /
                        static_cast<double>(session_.close_ms - session_.open_ms);
    const auto lots = static_cast<double>(200 + Mix(pricing_.root ^ 7U) % 50'000) * part;
    state_.ltq = Lots(10);
    state_.vtt = static_cast<std::int64_t>(lots) * lot_ + state_.ltq;
    turnover_ = sum / static_cast<double>(samples) * static_cast<double>(state_.vtt);
    state_.atp = std::round(turnover_ / static_cast<double>(state_.vtt) * 100) / 100;
    day.volume = state_.vtt;
  }
  state_.bars[0] = std::move(day);
}

/// The last completed minute, and the start of the running one.
void MarketListing::SampleMinute(std::int64_t until_ms) {
  const std::int64_t running = MinuteOf(until_ms);
  const std::int64_t from = std::max(session_.open_ms, running - kMinuteMs);
  const double open = Rupees(OnTick(model_.PriceAt(pricing_, from)));
  Bar last{.interval = "I1", .open = open, .high = open, .low = open, .close = open};
  last.start_ms = from;
  for (std::int64_t at = from + 10'000; at < running; at += 10'000) {
    Extend(last, Rupees(OnTick(model_.PriceAt(pricing_, at))), state_.index ? 0 : Lots(5));
  }
  Bar& day = state_.bars[0];
  day.high = std::max(day.high, last.high);
  day.low = std::min(day.low, last.low);
  state_.bars[1] = std::move(last);
  minute_ = {.interval = "I1",
             .open = state_.ltp,
             .high = state_.ltp,
             .low = state_.ltp,
             .close = state_.ltp,
             .start_ms = running};
}

void MarketListing::Move(std::int64_t ms) {
  if (ms >= session_.close_ms && SessionAt(ms).open_ms != session_.open_ms) StartDay(ms);
  moved_ms_ = std::max(moved_ms_, ms);
  if (state_.index) {
    Trade(OnTick(model_.PriceAt(pricing_, ms)), 0, ms);
    return;
  }
  const Fair fair = model_.FairAt(pricing_, ms);
  state_.greeks = fair.greeks;
  state_.iv = fair.iv;
  if (listing_.expiry_ms && ms >= oi_changes_ms_) {
    const std::int64_t change = Lots(200) * (Random() % 2 == 0 ? 1 : -1);
    state_.oi = std::max(0.0, state_.oi + static_cast<double>(change));
    oi_changes_ms_ = ms + kMinuteMs + static_cast<std::int64_t>(Random() % (4 * kMinuteMs));
  }
  MakeBook(fair.price);
  const bool trades = Random() % 100 < 58;
  const bool buyer = Random() % 2 == 0;
  if (trades) {
    const std::vector<Offer>& hit = buyer || bids_.empty() ? asks_ : bids_;
    Trade(hit.front().units, std::min(hit.front().quantity, Lots(6)), ms);
  } else {
    state_.bars[0].volume = state_.vtt;  // the bar lags the total by a trade
  }
  ShowBook();
}

/// Quantity 0 is an index's new level.
void MarketListing::Trade(std::int64_t units, std::int64_t quantity, std::int64_t ms) {
  const double price = Rupees(units);
  state_.bars[0].volume = state_.vtt;
  state_.ltp = price;
  state_.ltt_ms = std::max(state_.ltt_ms, ms);
  if (quantity > 0) {
    state_.ltq = quantity;
    state_.vtt += quantity;
    turnover_ += price * static_cast<double>(quantity);
    state_.atp = std::round(turnover_ / static_cast<double>(state_.vtt) * 100) / 100;
  }
  Extend(state_.bars[0], price, 0);
  if (const std::int64_t minute = MinuteOf(ms); minute > minute_.start_ms) {
    state_.bars[1] = minute_;
    minute_ = {.interval = "I1",
               .open = price,
               .high = price,
               .low = price,
               .close = price,
               .start_ms = minute};
  }
  Extend(minute_, price, quantity);
}

/// A fresh book round a fair price: at least one tick between the sides, a missing bid side when
/// the price is at the lowest tick.
void MarketListing::MakeBook(double fair) {
  const double spread = std::max(1.0, fair * kUnits * 0.0004 / static_cast<double>(tick_));
  const auto ticks =
      1 + static_cast<std::int64_t>(Random() % static_cast<std::uint64_t>(std::min(spread, 40.0)));
  const std::int64_t middle = OnTick(fair);
  const std::int64_t bid = middle - (ticks / 2) * tick_;
  const std::int64_t ask = std::max(tick_, bid) + ticks * tick_;
  bids_.clear();
  asks_.clear();
  std::int64_t at = bid;
  for (std::size_t i = 0; i < kLevels && at > 0; ++i) {
    bids_.push_back({.units = at, .quantity = Lots(12 + i)});
    at -= tick_ * (Random() % 4 == 0 ? 2 : 1);
  }
  at = ask;
  for (std::size_t i = 0; i < kLevels; ++i) {
    asks_.push_back({.units = at, .quantity = Lots(12 + i)});
    at += tick_ * (Random() % 4 == 0 ? 2 : 1);
  }
  Merge(bids_, resting_bids_, asks_.front().units, std::greater<>{});
  Merge(asks_, resting_asks_, bids_.empty() ? 0 : bids_.front().units, std::less<>{});
}

void MarketListing::ShowBook() {
  state_.depth.assign(kLevels, {});
  double buy = 0;
  double sell = 0;
  for (std::size_t i = 0; i < bids_.size(); ++i) {
    state_.depth[i].bid = Rupees(bids_[i].units);
    state_.depth[i].bid_qty = bids_[i].quantity;
    buy += static_cast<double>(bids_[i].quantity);
  }
  for (std::size_t i = 0; i < asks_.size(); ++i) {
    state_.depth[i].ask = Rupees(asks_[i].units);
    state_.depth[i].ask_qty = asks_[i].quantity;
    sell += static_cast<double>(asks_[i].quantity);
  }
  state_.tbq = buy;
  state_.tsq = sell;
}

void MarketListing::ShowResting(Side side, double price, std::int64_t quantity) {
  const std::int64_t units = OnTick(price);
  const auto put = [&](auto& resting, std::vector<Offer>& shown, auto better,
                       std::int64_t opposite) {
    const auto known = resting.find(units);
    const std::int64_t before = known == resting.end() ? 0 : known->second;
    if (quantity > 0) {
      resting[units] = quantity;
    } else {
      resting.erase(units);
    }
    if (quantity > before) {
      const std::map<std::int64_t, std::int64_t> added{{units, quantity - before}};
      Merge(shown, added, opposite, better);
      return;
    }
    const auto at = std::find_if(shown.begin(), shown.end(),
                                 [&](const Offer& offer) { return offer.units == units; });
    if (at == shown.end()) return;
    at->quantity -= before - quantity;
    if (at->quantity <= 0) shown.erase(at);
  };
  if (side == Side::kBuy) {
    put(resting_bids_, bids_, std::greater<>{}, asks_.empty() ? 0 : asks_.front().units);
  } else {
    put(resting_asks_, asks_, std::less<>{}, bids_.empty() ? 0 : bids_.front().units);
  }
  if (!state_.index) ShowBook();
}

void MarketListing::PrintTrade(double price, std::int64_t quantity, Side aggressor,
                               bool against_book, std::int64_t ms) {
  if (state_.index || quantity <= 0) return;
  Trade(OnTick(price), quantity, ms);
  if (against_book) {
    std::vector<Offer>& hit = aggressor == Side::kBuy ? asks_ : bids_;
    std::int64_t left = quantity;
    while (left > 0 && !hit.empty()) {
      const std::int64_t taken = std::min(left, hit.front().quantity);
      left -= taken;
      hit.front().quantity -= taken;
      if (hit.front().quantity == 0) hit.erase(hit.begin());
    }
  }
  ShowBook();
}

}  // namespace sauda::sim
