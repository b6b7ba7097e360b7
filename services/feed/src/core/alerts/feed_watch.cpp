#include "services/feed/src/core/alerts/feed_watch.hpp"

#include <algorithm>

#include "libs/base/check.hpp"

namespace sauda::feed {
namespace {

double SecondsOf(Monotonic::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Without a connection nobody says which segments are open, so the calendar does: one that ended
/// with its token at night is not missed before the morning.
bool AnyMarketOpen(const calendar::Calendar& calendar, std::int64_t market_ms) {
  if (market_ms == 0) return true;
  return std::any_of(
      calendar::kAllSegments.begin(), calendar::kAllSegments.end(), [&](calendar::Segment segment) {
        return calendar.SessionAt(segment, market_ms).phase != calendar::Phase::kClosed;
      });
}

}  // namespace

void FeedWatch::Add(const AlertRulePtr& rule, InstrumentId instrument, Monotonic now) {
  switch (rule->measure) {
    case Measure::kInstrumentSilence:
    case Measure::kFeedSilence: {
      const bool of_one = rule->measure == Measure::kInstrumentSilence;
      silences_.push_back(
          {.rule = rule, .instrument = of_one ? std::optional{instrument} : std::nullopt});
      JudgeDue(silences_.back(), now);
      return;
    }
    case Measure::kGap:
      gaps_.push_back(rule);
      return;
    case Measure::kReconnects:
      reconnects_.push_back({.rule = rule, .trigger = Trigger{*rule}});
      (void)reconnects_.back().trigger.Take(ConnectsWithin(rule->window_s, now));  // never fires
      return;
    default:
      Check(false, "a measure of the feed");
  }
}

void FeedWatch::Remove(const AlertRule* rule) {
  std::erase_if(silences_, [rule](const Silence& each) { return each.rule.get() == rule; });
  std::erase_if(gaps_, [rule](const AlertRulePtr& each) { return each.get() == rule; });
  std::erase_if(reconnects_, [rule](const Reconnects& each) { return each.rule.get() == rule; });
}

void FeedWatch::OnTick(InstrumentId id, Monotonic received_at, bool simulated) {
  if (id >= seen_.size()) seen_.resize(id + 1U);
  seen_[id] = received_at;
  any_seen_ = received_at;
  simulated_ = simulated;
}

void FeedWatch::OnConnection(ConnectionState state, Monotonic now) {
  state_ = state;
  JudgeAll(now);
}

void FeedWatch::OnSegments(const SegmentStatus& segments, Monotonic now) {
  segments_ = segments;
  JudgeAll(now);
}

bool FeedWatch::IsDue(const Silence& silence) const {
  if (state_ == ConnectionState::kOff || state_ == ConnectionState::kQuiet) return false;
  if (!silence.instrument) return IsConnected(state_) || any_market_open_;
  if (is_wanted_ && !is_wanted_(*silence.instrument)) return false;
  return IsMoving(segments_, silence.rule->instrument_key);
}

void FeedWatch::JudgeDue(Silence& silence, Monotonic now) const {
  const bool due = IsDue(silence);
  if (due && !silence.due) silence.since = now;
  silence.due = due;
}

void FeedWatch::JudgeAll(Monotonic now) {
  for (Silence& each : silences_) JudgeDue(each, now);
}

Monotonic FeedWatch::BeginOf(const Silence& silence) const {
  Monotonic seen = any_seen_;
  if (silence.instrument) {
    seen = *silence.instrument < seen_.size() ? seen_[*silence.instrument] : Monotonic{};
  }
  return std::max(seen, silence.since);
}

void FeedWatch::OnConnect(bool simulated, const AlertTime& time, std::vector<AlertFiring>& fired) {
  simulated_ = simulated;
  connects_.push_back(time.now);
  if (connects_.size() > kMaxConnects) connects_.pop_front();
  CheckReconnects(time, fired);
}

void FeedWatch::OnGap(const Gap& gap, const AlertTime& time, std::vector<AlertFiring>& fired) {
  const double seconds =
      SecondsOf(std::chrono::nanoseconds{std::max<std::int64_t>(gap.to_ns - gap.from_ns, 0)});
  for (const AlertRulePtr& rule : gaps_) {
    if (seconds < rule->level) continue;
    fired.push_back(
        {.rule = rule, .value = seconds, .at_ns = time.utc_ns, .simulated = simulated_});
  }
}

void FeedWatch::OnTime(const AlertTime& time, std::vector<AlertFiring>& fired) {
  any_market_open_ = calendars_ == nullptr
                         ? AnyMarketOpen(calendar::ShippedCalendar(), time.market_ms)
                         : AnyMarketOpen(*calendars_->Current(), time.market_ms);
  JudgeAll(time.now);  // nobody says when an instrument is wanted or no more
  for (Silence& each : silences_) {
    if (!each.due) continue;
    const Monotonic begin = BeginOf(each);
    const double seconds = SecondsOf(time.now - begin);
    if (seconds < each.rule->level || each.fired == begin) continue;
    each.fired = begin;
    fired.push_back(
        {.rule = each.rule, .value = seconds, .at_ns = time.utc_ns, .simulated = simulated_});
  }
  CheckReconnects(time, fired);
}

double FeedWatch::ConnectsWithin(std::uint32_t window_s, Monotonic now) const {
  const Monotonic from = now - std::chrono::seconds{window_s};
  const auto first = std::upper_bound(connects_.begin(), connects_.end(), from);
  return static_cast<double>(connects_.end() - first);
}

void FeedWatch::CheckReconnects(const AlertTime& time, std::vector<AlertFiring>& fired) {
  for (Reconnects& each : reconnects_) {
    const double connects = ConnectsWithin(each.rule->window_s, time.now);
    if (!each.trigger.Take(connects)) continue;
    fired.push_back(
        {.rule = each.rule, .value = connects, .at_ns = time.utc_ns, .simulated = simulated_});
  }
}

}  // namespace sauda::feed
