#include "services/feed/src/core/alerts/alert_engine.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "libs/base/check.hpp"

namespace sauda::feed {
namespace {

constexpr double kAbsent = MinuteFigures::kAbsent;
constexpr std::size_t kRevisable = 4;  // minutes that a late trade may still change
constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kReplayMs = 3'600'000;  // a clock that goes back further begins anew

// The difference first: 205 over 200 is then 2.5 and not a little less.
double PercentOver(double number, double base) { return (number - base) / base * 100; }

/// The broker's zero for "none".
double IfAny(double number) { return number == 0 ? kAbsent : number; }

bool IsOfFeed(Measure measure) { return measure >= Measure::kInstrumentSilence; }

bool IsOfMinutes(Measure measure) {
  return measure == Measure::kAverageToAverage || measure == Measure::kVolumeRatio;
}

/// What time it is at the exchange, as far as the quote knows.
std::int64_t MarketMsOf(const AlertQuote& quote) {
  if (quote.broker_ms > 0) return quote.broker_ms;
  return quote.last ? quote.last->time_ms : 0;
}

double OfGreeks(Measure measure, const AlertQuote& quote) {
  // for shares the broker sends them all zero
  if (!quote.greeks || *quote.greeks == Greeks{}) return kAbsent;
  switch (measure) {
    case Measure::kDelta:
      return quote.greeks->delta;
    case Measure::kTheta:
      return quote.greeks->theta;
    case Measure::kGamma:
      return quote.greeks->gamma;
    case Measure::kVega:
      return quote.greeks->vega;
    default:
      return quote.greeks->rho;
  }
}

}  // namespace

AlertEngine::AlertEngine(Options options)
    : options_{std::move(options)},
      candles_{{.kept_minutes = kRevisable, .calendars = options_.calendars, .coarse = false}} {}

AlertEngine::Line& AlertEngine::LineOf(InstrumentId id) {
  if (id >= lines_.size()) lines_.resize(id + 1U);
  return lines_[id];
}

Result<bool> AlertEngine::IsNew(const AlertRule& rule) const {
  if (const auto found = rules_.find(rule.id); found != rules_.end()) {
    if (*found->second.rule == rule) return false;
    return Error{Code::kAlreadyExists, "ALERT_ID_REUSED", rule.id + " names another alert"};
  }
  if (rules_.size() >= options_.max_rules) {
    return Error{Code::kResourceExhausted, "ALERT_LIMIT",
                 "there are " + std::to_string(rules_.size()) + " alerts, the most there may be"};
  }
  return true;
}

void AlertEngine::Add(const AlertRulePtr& rule, InstrumentId instrument, const AlertTime& time) {
  const auto [entry, is_new] =
      rules_.emplace(rule->id, Entry{.rule = rule, .instrument = instrument});
  Check(is_new, "an alert's id is new");
  if (IsOfFeed(rule->measure)) {
    feed_.Add(rule, instrument, time.now);
  } else {
    AddToLine(rule, instrument);
  }
}

void AlertEngine::AddToLine(const AlertRulePtr& rule, InstrumentId id) {
  Line& line = LineOf(id);
  if (const std::size_t needed = MinutesNeeded(*rule); needed > 0) {
    ++line.minute_rules;
    if (!line.minutes) {
      line.minutes = std::make_unique<MinuteFigures>();
      line.listing = std::make_shared<const Listing>(Listing{.key = rule->instrument_key});
    }
    line.minutes->Need(needed);
  }
  Watch watch{.rule = rule, .trigger = Trigger{*rule}};
  const bool of_minutes = IsOfMinutes(rule->measure);
  const double number = of_minutes      ? OfMinutes(*rule, line)
                        : line.is_known ? OfTick(*rule, line)
                                        : kAbsent;
  if (std::isfinite(number)) (void)watch.trigger.Take(number);  // the first one never fires
  (of_minutes ? line.of_minutes : line.of_ticks).push_back(std::move(watch));
}

bool AlertEngine::Remove(const std::string& rule_id) {
  const auto found = rules_.find(rule_id);
  if (found == rules_.end()) return false;
  const Entry entry = found->second;
  rules_.erase(found);
  if (IsOfFeed(entry.rule->measure)) {
    feed_.Remove(entry.rule.get());
  } else {
    RemoveFromLine(*entry.rule, entry.instrument);
  }
  return true;
}

void AlertEngine::RemoveFromLine(const AlertRule& rule, InstrumentId id) {
  Line& line = lines_[id];
  std::erase_if(IsOfMinutes(rule.measure) ? line.of_minutes : line.of_ticks,
                [&rule](const Watch& each) { return each.rule.get() == &rule; });
  if (MinutesNeeded(rule) == 0 || --line.minute_rules > 0) return;
  line.minutes.reset();
  line.listing.reset();
  candles_.Forget(id);
}

AlertRulePtr AlertEngine::Find(const std::string& rule_id) const {
  const auto found = rules_.find(rule_id);
  return found == rules_.end() ? nullptr : found->second.rule;
}

std::vector<AlertRulePtr> AlertEngine::List(const std::string& after_id, std::size_t limit) const {
  std::vector<AlertRulePtr> page;
  for (auto next = rules_.upper_bound(after_id); next != rules_.end() && page.size() < limit;
       ++next) {
    page.push_back(next->second.rule);
  }
  return page;
}

void AlertEngine::OnQuote(const AlertQuote& quote, std::vector<AlertFiring>& fired) {
  feed_.OnTick(quote.instrument, quote.received_at, quote.simulated);
  if (quote.broker_ms > 0) FollowMarket(quote);
  Line& line = LineOf(quote.instrument);
  line.newest = quote;
  line.is_known = true;
  if (line.minutes) FeedMinutes(quote, line, fired);
  for (Watch& watch : line.of_ticks) {
    if (quote.broker_snapshot && watch.trigger.knows_side()) continue;
    const double number = OfTick(*watch.rule, line);
    if (!std::isfinite(number) || !watch.trigger.Take(number)) continue;
    fired.push_back({.rule = watch.rule,
                     .value = number,
                     .at_ns = quote.received_ns,
                     .seq = quote.seq,
                     .simulated = quote.simulated});
  }
}

void AlertEngine::FollowMarket(const AlertQuote& quote) {
  if (quote.broker_ms + kReplayMs < std::max(newest_ms_, candles_.closed_to_ms())) BeginAnew();
  newest_ms_ = std::max(newest_ms_, quote.broker_ms);
  offset_.Observe(quote.received_ns / kNsPerMs, quote.broker_ms);
}

void AlertEngine::BeginAnew() {
  candles_.ForgetAll();
  offset_ = {};
  newest_ms_ = 0;
  for (Line& line : lines_) {
    if (!line.minutes) continue;
    line.minutes->Forget();
    for (Watch& watch : line.of_minutes) watch.trigger = Trigger{*watch.rule};
    for (Watch& watch : line.of_ticks) {
      if (MinutesNeeded(*watch.rule) > 0) watch.trigger = Trigger{*watch.rule};
    }
  }
}

double AlertEngine::OfTick(const AlertRule& rule, const Line& line) {
  const AlertQuote& quote = line.newest;
  const double price = quote.last ? IfAny(quote.last->price) : kAbsent;
  const double close = quote.last ? IfAny(quote.last->previous_close) : kAbsent;
  switch (rule.measure) {
    case Measure::kPrice:
      return price;
    case Measure::kChange:
      return price - close;
    case Measure::kChangePercent:
      return PercentOver(price, close);
    case Measure::kPriceToAverage:
      return PercentOver(price, line.minutes->Average(rule.period));
    case Measure::kMomentum:
      return PercentOver(price, line.minutes->CloseBefore(MarketMsOf(quote), rule.minutes));
    case Measure::kOpenInterest:
      return IfAny(quote.open_interest);
    case Measure::kOpenInterestChange:
      return PercentOver(IfAny(quote.open_interest),
                         line.minutes->OpenInterestBefore(MarketMsOf(quote), rule.minutes));
    case Measure::kImpliedVolatility:
      return IfAny(quote.implied_volatility);
    default:
      return OfGreeks(rule.measure, quote);
  }
}

double AlertEngine::OfMinutes(const AlertRule& rule, const Line& line) {
  if (rule.measure == Measure::kVolumeRatio) return line.minutes->VolumeRatio();
  return PercentOver(line.minutes->Average(rule.period), line.minutes->Average(rule.slow_period));
}

void AlertEngine::FeedMinutes(const AlertQuote& quote, const Line& line,
                              std::vector<AlertFiring>& fired) {
  scratch_.listing = line.listing;
  scratch_.broker_ms = quote.broker_ms;
  scratch_.mode = quote.mode;
  scratch_.last = quote.last;
  scratch_.totals.volume = quote.volume;
  scratch_.totals.open_interest = quote.open_interest;
  candles_.OnTick(quote.instrument, scratch_);
  TakeMinutes(quote.received_ns, quote.seq, fired);
}

void AlertEngine::LeaveUnwanted() {
  if (!options_.is_wanted) return;
  for (InstrumentId id = 0; id < lines_.size(); ++id) {
    if (lines_[id].minutes && !options_.is_wanted(id)) candles_.Forget(id);
  }
}

void AlertEngine::OnTime(const AlertTime& time, std::vector<AlertFiring>& fired) {
  LeaveUnwanted();
  if (time.market_ms > 0) {
    candles_.Close(time.market_ms - options_.minute_delay.count());
    TakeMinutes(time.utc_ns, 0, fired);
  }
  feed_.OnTime(time, fired);
}

void AlertEngine::OnOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns) {
  if (from_ns) {
    open_gaps_[connection] = *from_ns;
  } else {
    open_gaps_.erase(connection);
  }
}

void AlertEngine::OnGap(const Gap& gap, const AlertTime& time, std::vector<AlertFiring>& fired) {
  const std::int64_t from_ms = offset_.MarketMs(gap.from_ns / kNsPerMs);
  const std::int64_t to_ms = offset_.MarketMs(gap.to_ns / kNsPerMs);
  for (Line& line : lines_) {
    if (line.minutes) line.minutes->MarkGap(from_ms, to_ms);
  }
  candles_.MarkGap(from_ms, to_ms);
  TakeMinutes(time.utc_ns, 0, fired);
  feed_.OnGap(gap, time, fired);
}

bool AlertEngine::IsInOpenGap(const Candle& bar) const {
  return std::any_of(open_gaps_.begin(), open_gaps_.end(), [&](const auto& gap) {
    return offset_.MarketMs(gap.second / kNsPerMs) < bar.start_ms + calendar::kMsPerMinute;
  });
}

void AlertEngine::TakeMinutes(std::int64_t at_ns, std::uint64_t seq,
                              std::vector<AlertFiring>& fired) {
  for (Candle& bar : candles_.Take()) {
    if (bar.interval != Interval::k1m || bar.partial) continue;  // half a minute is no volume
    Line& line = lines_[bar.instrument];
    if (!line.minutes) continue;

    bar.gap = bar.gap || IsInOpenGap(bar);
    line.minutes->Put(bar);
    for (Watch& watch : line.of_minutes) {
      const double number = OfMinutes(*watch.rule, line);
      if (!std::isfinite(number) || !watch.trigger.Take(number)) continue;
      fired.push_back({.rule = watch.rule,
                       .value = number,
                       .at_ns = at_ns,
                       .seq = seq,
                       .simulated = line.newest.simulated});
    }
  }
}

}  // namespace sauda::feed
