#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/calendar/calendar.hpp"
#include "services/feed/src/core/alerts/alert_quote.hpp"
#include "services/feed/src/core/alerts/trigger.hpp"
#include "services/feed/src/core/connection_rule.hpp"

namespace sauda::feed {

/// The rules on the feed's own state. Owned by AlertEngine.
///
/// Silence fires once, `level` seconds after the last tick, and anew after another. It counts only
/// while something is due: not while the connection is OFF or QUIET, nor while there is none and
/// every exchange is closed by the calendar, and for an instrument only while it is wanted and its
/// segment is open; becoming due begins it anew. A gap fires as it ends, each one by itself.
/// Reconnects are the connections made within the window; the number falls as time passes.
class FeedWatch {
 public:
  static constexpr std::size_t kMaxConnects = 1'000;  // the highest level
  using IsWanted = std::function<bool(InstrumentId)>;

  /// Whether an instrument is subscribed at the moment; null: all are.
  /// The calendars outlive it; null: the shipped one.
  explicit FeedWatch(IsWanted is_wanted, const calendar::CalendarKeeper* calendars = nullptr)
      : is_wanted_{std::move(is_wanted)}, calendars_{calendars} {}

  /// `instrument` is of no meaning for measures without one.
  void Add(const AlertRulePtr& rule, InstrumentId instrument, Monotonic now);
  void Remove(const AlertRule* rule);

  void OnTick(InstrumentId id, Monotonic received_at, bool simulated);
  void OnConnection(ConnectionState state, Monotonic now);
  void OnSegments(const SegmentStatus& segments, Monotonic now);
  void OnConnect(bool simulated, const AlertTime& time, std::vector<AlertFiring>& fired);
  void OnGap(const Gap& gap, const AlertTime& time, std::vector<AlertFiring>& fired);
  void OnTime(const AlertTime& time, std::vector<AlertFiring>& fired);

 private:
  struct Silence {
    AlertRulePtr rule;
    std::optional<InstrumentId> instrument;  // absent: of all
    bool due = false;
    Monotonic since;                 // due, or added
    std::optional<Monotonic> fired;  // the beginning of the silence that it fired for
  };
  struct Reconnects {
    AlertRulePtr rule;
    Trigger trigger;
  };

  bool IsDue(const Silence& silence) const;
  void JudgeDue(Silence& silence, Monotonic now) const;
  void JudgeAll(Monotonic now);
  Monotonic BeginOf(const Silence& silence) const;
  double ConnectsWithin(std::uint32_t window_s, Monotonic now) const;
  void CheckReconnects(const AlertTime& time, std::vector<AlertFiring>& fired);

  const IsWanted is_wanted_;
  const calendar::CalendarKeeper* const calendars_;
  std::vector<Silence> silences_;
  std::vector<AlertRulePtr> gaps_;
  std::vector<Reconnects> reconnects_;
  std::vector<Monotonic> seen_;  // by InstrumentId: its last tick
  Monotonic any_seen_;
  std::deque<Monotonic> connects_;  // the newest, oldest first
  ConnectionState state_ = ConnectionState::kConnecting;
  SegmentStatus segments_;
  bool any_market_open_ = true;  // by the calendar; while the time is not known too
  bool simulated_ = false;
};

}  // namespace sauda::feed
