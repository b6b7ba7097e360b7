#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/feed/src/core/alerts/alert_quote.hpp"
#include "services/feed/src/core/alerts/feed_watch.hpp"
#include "services/feed/src/core/alerts/minute_figures.hpp"
#include "services/feed/src/core/alerts/trigger.hpp"
#include "services/feed/src/core/candles.hpp"
#include "services/feed/src/core/market_offset.hpp"

namespace sauda::feed {

/// Which rules fire. A tick touches the rules of its instrument alone, and minutes are kept only of
/// instruments with a rule that needs them. What fires is appended to the caller's list. It has no
/// clock and no thread; the owner makes one call at a time.
///
/// - A tick is judged as it is: also outside the session, also a repeat.
/// - The broker's snapshot (after a subscription or a new connection) may be old. It fires nothing
///   and moves no rule that knows its side already: the next tick does, so that a crossing that
///   nobody saw is told late rather than never.
/// - A new rule starts from the newest quote of its instrument, when there is one. So what it never
///   fires for is the place where the market stands when it is made.
/// - Prices and figures that are zero or no number are absent.
/// - Averages and the volume ratio are of complete minutes (Candles says which trade is in which),
///   kept from when the first rule that needs them is added; a minute that was half over then is
///   left out. What is made of minutes alone is judged when one is complete or revised, the last
///   trade against an average or an earlier close with every tick. A minute that a gap touches
///   has no volume to compare.
/// - An instrument that is not subscribed is not silent, and when it is again its minutes go on as
///   from a first trade.
/// - When the market's clock goes back by more than an hour (the simulator plays a day again), all
///   minutes are forgotten, and what is made of them begins anew.
class AlertEngine {
 public:
  struct Options {
    std::size_t max_rules = 10'000;
    /// A minute is over so long after its end, for trades that are on their way.
    std::chrono::milliseconds minute_delay{2'000};
    /// Whether an instrument is subscribed at the moment; asked about once a second, by whoever
    /// calls the engine. Null: all are.
    FeedWatch::IsWanted is_wanted = nullptr;
    /// When markets trade; outlives the engine. Null: the shipped calendar.
    const calendar::CalendarKeeper* calendars = nullptr;
  };

  explicit AlertEngine(Options options);

  /// False: there is such a rule, the same. Fails with kAlreadyExists / ALERT_ID_REUSED: the id
  /// names another, or kResourceExhausted / ALERT_LIMIT.
  Result<bool> IsNew(const AlertRule& rule) const;
  /// `rule` passes CheckAlertRule, and IsNew; `instrument` is of no meaning for measures without
  /// one.
  void Add(const AlertRulePtr& rule, InstrumentId instrument, const AlertTime& time);
  /// False: there is none.
  bool Remove(const std::string& rule_id);
  /// Null: there is none.
  AlertRulePtr Find(const std::string& rule_id) const;
  /// The first `limit` by id, of those after `after_id`.
  std::vector<AlertRulePtr> List(const std::string& after_id, std::size_t limit) const;
  std::size_t size() const { return rules_.size(); }

  void OnQuote(const AlertQuote& quote, std::vector<AlertFiring>& fired);
  /// About once a second: completes minutes, and notices silence.
  void OnTime(const AlertTime& time, std::vector<AlertFiring>& fired);

  void OnConnection(ConnectionState state, Monotonic now) { feed_.OnConnection(state, now); }
  void OnSegments(const SegmentStatus& segments, Monotonic now) { feed_.OnSegments(segments, now); }
  /// A connection to the broker was made.
  void OnConnect(bool simulated, const AlertTime& time, std::vector<AlertFiring>& fired) {
    feed_.OnConnect(simulated, time, fired);
  }
  /// A connection has a gap since `from_ns` (wall clock, since the Unix epoch); absent: none any
  /// more, and OnGap was told.
  void OnOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns);
  void OnGap(const Gap& gap, const AlertTime& time, std::vector<AlertFiring>& fired);

 private:
  struct Watch {
    AlertRulePtr rule;
    Trigger trigger;
  };
  /// One instrument.
  struct Line {
    AlertQuote newest;
    bool is_known = false;  // newest is there
    std::vector<Watch> of_ticks;
    std::vector<Watch> of_minutes;
    std::size_t minute_rules = 0;            // of both lists, that need `minutes`
    std::unique_ptr<MinuteFigures> minutes;  // while minute_rules > 0
    std::shared_ptr<const Listing> listing;  // as `minutes`
  };
  struct Entry {
    AlertRulePtr rule;
    InstrumentId instrument = 0;
  };

  Line& LineOf(InstrumentId id);
  void AddToLine(const AlertRulePtr& rule, InstrumentId id);
  void RemoveFromLine(const AlertRule& rule, InstrumentId id);
  void FollowMarket(const AlertQuote& quote);
  void BeginAnew();
  void FeedMinutes(const AlertQuote& quote, const Line& line, std::vector<AlertFiring>& fired);
  /// The next trade of what is not wanted would have the volume of all that was not seen.
  void LeaveUnwanted();
  bool IsInOpenGap(const Candle& bar) const;
  /// Gives what the candles have finished to the figures, and judges the rules on minutes.
  void TakeMinutes(std::int64_t at_ns, std::uint64_t seq, std::vector<AlertFiring>& fired);
  static double OfTick(const AlertRule& rule, const Line& line);
  static double OfMinutes(const AlertRule& rule, const Line& line);

  const Options options_;
  std::map<std::string, Entry> rules_;  // by id
  std::vector<Line> lines_;             // by InstrumentId
  Candles candles_;
  MarketOffset offset_;
  std::int64_t newest_ms_ = 0;                       // of the market, by quotes
  std::map<std::uint32_t, std::int64_t> open_gaps_;  // since when, by connection
  FeedWatch feed_{options_.is_wanted, options_.calendars};
  Tick scratch_;  // what the candles are given, used again
};

}  // namespace sauda::feed
