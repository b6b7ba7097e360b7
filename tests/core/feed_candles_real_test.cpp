// The bars of two recorded days against the broker's own minutes in the same recordings.
//
// The broker shows a trade or two a second, and the volume of the day (`vtt`) at each. Between the
// last trade shown before a minute begins and the first shown after, others may have been made: how
// much, is known (`vtt` of the one, less `vtt` and quantity of the other), on which side of the
// edge, is not. So two bars made of the same trades may differ there and nowhere else. This is
// proven here and not assumed: the broker's volumes, added up over each run of consecutive minutes,
// put its own edges at certain volumes of the day. One start of the run must exist with which every
// edge lies within what the recording leaves open; each minute's difference must then be exactly
// what its two edges differ by, and the close may differ only where the broker's minute goes on
// after the last trade shown.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/feed/src/core/candles.hpp"
#include "services/feed/src/core/delta.hpp"
#include "simulator/src/capture_reader.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

constexpr std::int64_t kMinute = calendar::kMsPerMinute;
/// The recorder wrote something every few seconds; longer is a pause of its own.
constexpr std::int64_t kPauseMs = 10'000;

/// One element of a recording, merged as the feed does it.
struct Shown {
  Tick tick;
  std::int64_t recorded_ms = 0;
  std::int64_t time_ms() const { return tick.last->time_ms; }
  std::int64_t vtt() const { return tick.totals.volume; }
};

Delta ToDelta(const sim::FullState& state) {
  Delta delta;
  delta.form = Form::kMarketFull;
  delta.mode = Mode::kFull;
  if ((state.parts & sim::kTrade) != 0) {
    delta.last = LastTrade{.price = state.ltp,
                           .time_ms = state.ltt_ms,
                           .quantity = state.ltq,
                           .previous_close = state.cp};
  }
  delta.has_depth = (state.parts & sim::kDepth) != 0;
  if ((state.parts & sim::kGreeks) != 0) delta.greeks = Greeks{};
  delta.has_bars = (state.parts & sim::kBars) != 0;
  for (const sim::Bar& bar : state.bars) {
    delta.bars.push_back({.interval = bar.interval,
                          .open = bar.open,
                          .high = bar.high,
                          .low = bar.low,
                          .close = bar.close,
                          .volume = bar.volume,
                          .start_ms = bar.start_ms});
  }
  delta.totals = {.average_price = state.atp, .volume = state.vtt, .open_interest = state.oi};
  return delta;
}

/// Why a minute may not be the broker's. Nothing else may.
enum class Cause : std::uint8_t {
  kAgrees,        ///< volume and close are the broker's
  kFirstMinute,   ///< the recording began in it
  kUnseenBefore,  ///< trades at the minute's beginning that were never shown: the broker's earlier
  kUnseenAfter,   ///< the same at its end: the broker's minute has them, ours has not
  kUnseenBoth,    ///< both
  kPause,         ///< one of the two, over a pause of the recorder
  kNoTrade,       ///< no trade of the minute was recorded: there is no bar of ours
  kNoBrokersBar,  ///< the recorder paused when the broker sent it
  kUnexplained,
};
constexpr std::array kCauses{
    std::pair{Cause::kAgrees, "AGREES"},
    std::pair{Cause::kFirstMinute, "FIRST_MINUTE"},
    std::pair{Cause::kUnseenBefore, "TRADE_NOT_IN_CAPTURE_AT_START"},
    std::pair{Cause::kUnseenAfter, "TRADE_NOT_IN_CAPTURE_AT_END"},
    std::pair{Cause::kUnseenBoth, "TRADE_NOT_IN_CAPTURE_AT_BOTH"},
    std::pair{Cause::kPause, "RECORDING_GAP"},
    std::pair{Cause::kNoTrade, "NO_TICK_IN_MINUTE"},
    std::pair{Cause::kNoBrokersBar, "BROKERS_BAR_NOT_IN_CAPTURE"},
    std::pair{Cause::kUnexplained, "UNEXPLAINED"},
};

/// What the recording knows about the instant at which a minute begins.
struct Edge {
  std::int64_t least = 0;               ///< volume of the day at the last trade shown before it
  std::int64_t most = 0;                ///< at the first shown after it, without that trade itself
  bool pause = false;                   ///< the recorder paused between the two
  std::optional<std::int64_t> brokers;  ///< where the broker's bars put it
  /// What the broker gives to the minute before, of what is open.
  std::int64_t Earlier() const { return *brokers - least; }
};

/// How many of the compared minutes agree, part by part.
struct Agreement {
  int compared = 0;
  int volume = 0;
  int close = 0;
  int both = 0;
  int open = 0;
  int high = 0;
  int low = 0;
  int volume_in_a_hundredth = 0;
  int nothing_open = 0;         ///< no volume between the trades shown at either edge
  int nothing_open_agrees = 0;  ///< of these
  std::int64_t brokers_volume = 0;
  std::int64_t misplaced = 0;  ///< of it, in another minute than the broker's
};

class Day {
 public:
  static std::optional<Day> Read(const std::string& file) {
    const char* const set = std::getenv("SAUDA_REAL_DATA");
    const auto path =
        std::filesystem::path{set != nullptr ? set : SAUDA_REAL_DATA_DEFAULT} / "feed" / file;
    if (!std::filesystem::exists(path)) return std::nullopt;
    Day day;
    auto reader = sim::CaptureReader::Open({path.string()}).value();
    auto listing = std::make_shared<Listing>();
    Tick tick;
    for (auto next = reader->Next().value(); next; next = reader->Next().value()) {
      listing->key = next->instrument_key;
      Merge(tick, ToDelta(next->state));
      day.shown_.push_back({tick, next->recorded_ms});
      day.lag_ms_ = std::max(day.lag_ms_, tick.last->time_ms - next->recorded_ms);
      for (const Bar& bar : tick.bars) {
        (bar.interval == "1d" ? day.day_ : day.brokers_[bar.start_ms]) = bar;
      }
    }
    for (Shown& each : day.shown_) {
      each.tick.listing = listing;
      each.tick.broker_ms = each.recorded_ms + day.lag_ms_;
    }
    for (const Shown& each : day.shown_) {  // without repeats and older ones
      if (day.trades_.empty() || each.time_ms() > day.trades_.back()->time_ms()) {
        day.trades_.push_back(&each);
      } else if (each.time_ms() == day.trades_.back()->time_ms() &&
                 each.vtt() > day.trades_.back()->vtt()) {
        day.trades_.back() = &each;
      }
    }
    return day;
  }

  /// Every tick in the order of recording. `settle_ms`: the time is told too, so much late.
  void Feed(Candles& candles, std::optional<std::int64_t> settle_ms = {}) const {
    for (const Shown& each : shown_) {
      if (settle_ms) candles.Close(each.tick.broker_ms - *settle_ms);
      candles.OnTick(0, each.tick);
    }
  }

  /// The broker's minutes are where they can be: see the top of the file.
  void FindEdges() {
    for (std::int64_t at = hours().open_ms; at <= hours().close_ms; at += kMinute) {
      edges_[at] = EdgeAt(at);
    }
    for (auto bar = brokers_.begin(); bar != brokers_.end();) {
      auto end = bar;
      std::int64_t sum = 0;
      std::int64_t from = edges_.at(bar->first).least;
      std::int64_t to = edges_.at(bar->first).most;
      for (; end != brokers_.end() && end->first == bar->first + CountTo(bar, end) * kMinute;
           ++end) {
        sum += end->second.volume;
        const Edge& edge = edges_.at(end->first + kMinute);
        from = std::max(from, edge.least - sum);
        to = std::min(to, edge.most - sum);
      }
      EXPECT_LE(from, to) << "the broker's edges fit no start of the run at "
                          << calendar::FormatIst(bar->first);
      edges_.at(bar->first).brokers = from;
      for (; bar != end; ++bar) {
        from += bar->second.volume;
        edges_.at(bar->first + kMinute).brokers = from;
      }
    }
  }

  Cause Compare(std::int64_t start_ms, const Candle* ours, Agreement& agreement) const {
    const auto found = brokers_.find(start_ms);
    if (found == brokers_.end()) {
      return PausedBetween(start_ms + kMinute, start_ms + 2 * kMinute) ? Cause::kNoBrokersBar
                                                                       : Cause::kUnexplained;
    }
    const Bar& theirs = found->second;
    if (ours == nullptr) {
      return TradesIn(start_ms).empty() ? Cause::kNoTrade : Cause::kUnexplained;
    }
    if (ours->partial) return IsFirstMinute(*ours) ? Cause::kFirstMinute : Cause::kUnexplained;
    const Edge& begin = edges_.at(start_ms);
    const Edge& end = edges_.at(start_ms + kMinute);
    const bool volume = ours->volume == theirs.volume;
    const bool close = ours->close == theirs.close;
    Count(*ours, theirs, agreement);
    if (begin.least == begin.most && end.least == end.most) {
      ++agreement.nothing_open;
      agreement.nothing_open_agrees += static_cast<int>(volume && close);
    }
    if (ours->edge_volume != begin.most - begin.least) return Cause::kUnexplained;
    if (!PricesAreExplained(*ours, theirs)) return Cause::kUnexplained;
    if (volume && close) return Cause::kAgrees;
    if (ours->volume - theirs.volume != begin.Earlier() - end.Earlier()) return Cause::kUnexplained;
    if (!close && end.Earlier() <= 0) return Cause::kUnexplained;
    if ((begin.pause && begin.Earlier() > 0) || (end.pause && end.Earlier() > 0)) {
      return Cause::kPause;
    }
    if (begin.Earlier() > 0 && end.Earlier() > 0) return Cause::kUnseenBoth;
    return begin.Earlier() > 0 ? Cause::kUnseenBefore : Cause::kUnseenAfter;
  }

  SessionHours hours() const {
    const std::string_view key{shown_[0].tick.listing->key};
    return SessionHoursOf(calendar::SegmentOf(key.substr(0, key.find('|'))), shown_[0].time_ms());
  }
  const std::vector<Shown>& shown() const { return shown_; }
  const std::vector<const Shown*>& trades() const { return trades_; }
  const std::map<std::int64_t, Bar>& brokers() const { return brokers_; }
  const Bar& day() const { return day_; }

 private:
  using Bars = std::map<std::int64_t, Bar>;
  static std::int64_t CountTo(Bars::const_iterator from, Bars::const_iterator to) {
    return std::distance(from, to);
  }

  Edge EdgeAt(std::int64_t at_ms) const {
    const auto after = std::find_if(trades_.begin(), trades_.end(), [at_ms](const Shown* each) {
      return each->time_ms() >= at_ms;
    });
    Edge edge;
    if (after != trades_.begin()) edge.least = (*std::prev(after))->vtt();
    edge.most =
        after == trades_.end() ? edge.least : (*after)->vtt() - (*after)->tick.last->quantity;
    if (after != trades_.begin() && after != trades_.end()) {
      edge.pause = PausedBetween((*std::prev(after))->tick.broker_ms, (*after)->tick.broker_ms);
    }
    return edge;
  }

  /// Whether the recorder paused at any time between two of the broker's clock.
  bool PausedBetween(std::int64_t from_ms, std::int64_t to_ms) const {
    for (std::size_t i = 1; i < shown_.size(); ++i) {
      const std::int64_t begin = shown_[i - 1].tick.broker_ms;
      const std::int64_t end = shown_[i].tick.broker_ms;
      if (end - begin >= kPauseMs && begin < to_ms && end > from_ms) return true;
    }
    return false;
  }

  std::vector<const Shown*> TradesIn(std::int64_t start_ms) const {
    std::vector<const Shown*> found;
    for (const Shown* each : trades_) {
      if (each->time_ms() >= start_ms && each->time_ms() < start_ms + kMinute) {
        found.push_back(each);
      }
    }
    return found;
  }

  bool IsFirstMinute(const Candle& ours) const {
    const auto in = TradesIn(ours.start_ms);
    return in.front() == trades_.front() && ours.close == in.back()->tick.last->price &&
           ours.volume == in.back()->vtt() - in.front()->vtt() + in.front()->tick.last->quantity;
  }

  /// Ours is made of what was shown. The broker's is made of all trades: so its bar may be wider,
  /// by trades that were not shown, and its first trade may be one of these.
  bool PricesAreExplained(const Candle& ours, const Bar& theirs) const {
    const auto in = TradesIn(ours.start_ms);
    const auto price = [](const Shown* each) { return each->tick.last->price; };
    const auto by_price = [&](const Shown* a, const Shown* b) { return price(a) < price(b); };
    const auto [low, high] = std::minmax_element(in.begin(), in.end(), by_price);
    if (in.empty() || ours.open != price(in.front()) || ours.close != price(in.back()) ||
        ours.high != price(*high) || ours.low != price(*low)) {
      return false;
    }
    std::int64_t shown = 0;
    for (const Shown* each : in) shown += each->tick.last->quantity;
    if (ours.high > theirs.high || ours.low < theirs.low) return false;
    if ((ours.high < theirs.high || ours.low > theirs.low) && theirs.volume <= shown) return false;
    const Edge& begin = edges_.at(ours.start_ms);
    return ours.open == theirs.open || *begin.brokers < begin.most;
  }

  static void Count(const Candle& ours, const Bar& theirs, Agreement& agreement) {
    const std::int64_t off = std::abs(ours.volume - theirs.volume);
    ++agreement.compared;
    agreement.volume += static_cast<int>(off == 0);
    agreement.close += static_cast<int>(ours.close == theirs.close);
    agreement.both += static_cast<int>(off == 0 && ours.close == theirs.close);
    agreement.open += static_cast<int>(ours.open == theirs.open);
    agreement.high += static_cast<int>(ours.high == theirs.high);
    agreement.low += static_cast<int>(ours.low == theirs.low);
    agreement.volume_in_a_hundredth += static_cast<int>(off * 100 <= theirs.volume);
    agreement.brokers_volume += theirs.volume;
    agreement.misplaced += std::max<std::int64_t>(theirs.volume - ours.volume, 0);
  }

  std::vector<Shown> shown_;
  std::vector<const Shown*> trades_;
  Bars brokers_;  // the last seen of each minute
  Bar day_;       // the last seen
  std::int64_t lag_ms_ = 0;
  std::map<std::int64_t, Edge> edges_;
};

struct Recorded {
  std::string name;
  std::string file;
  std::map<Cause, int> causes;
  Agreement agreement;
  std::int64_t after_close = 0;  ///< volume traded after the session
  Candles::Counts counts;
};
class RecordedDayCandlesTest : public testing::TestWithParam<Recorded> {
 protected:
  RecordedDayCandlesTest() : day_{Day::Read(GetParam().file)} {}
  void SetUp() override {
    if (!day_) GTEST_SKIP() << GetParam().file << " is not there (SAUDA_REAL_DATA)";
  }
  std::optional<Day> day_;
};

TEST_P(RecordedDayCandlesTest, AreTheBrokersButForTradesThatWereNotShown) {
  Candles candles{{}};
  day_->Feed(candles);
  candles.Close(day_->hours().close_ms);
  const auto bars = candles.Read(0, Interval::k1m, 1'000);
  day_->FindEdges();
  if (HasFailure()) return;

  std::map<Cause, int> causes;
  Agreement agreement;
  auto bar = bars.begin();
  for (std::int64_t at = day_->hours().open_ms; at < day_->hours().close_ms; at += kMinute) {
    const Candle* const ours = bar != bars.end() && bar->start_ms == at ? &*bar++ : nullptr;
    if (ours == nullptr && !day_->brokers().contains(at)) continue;  // neither was recorded
    const Cause cause = day_->Compare(at, ours, agreement);
    ++causes[cause];
    if (cause == Cause::kUnexplained) ADD_FAILURE() << calendar::FormatIst(at) << " unexplained";
  }
  EXPECT_EQ(bar, bars.end()) << "a bar outside the session";

  for (const auto& [cause, name] : kCauses) std::cout << name << ' ' << causes[cause] << '\n';
  std::cout << "of " << agreement.compared << " compared: volume and close " << agreement.both
            << ", volume " << agreement.volume << " (to 1 % " << agreement.volume_in_a_hundredth
            << "), close " << agreement.close << ", open " << agreement.open << ", high "
            << agreement.high << ", low " << agreement.low << "; volume in another minute "
            << agreement.misplaced << " of " << agreement.brokers_volume
            << "; nothing open at the edges " << agreement.nothing_open << ", agree "
            << agreement.nothing_open_agrees << '\n';
  for (const auto& [cause, name] : kCauses) {
    const auto expected = GetParam().causes.find(cause);
    EXPECT_EQ(causes[cause], expected == GetParam().causes.end() ? 0 : expected->second) << name;
  }
  const Agreement& expected = GetParam().agreement;
  EXPECT_EQ(agreement.both, expected.both);
  EXPECT_EQ(agreement.volume, expected.volume);
  EXPECT_EQ(agreement.volume_in_a_hundredth, expected.volume_in_a_hundredth);
  EXPECT_EQ(agreement.close, expected.close);
  EXPECT_EQ(agreement.open, expected.open);
  EXPECT_EQ(agreement.high, expected.high);
  EXPECT_EQ(agreement.low, expected.low);
  EXPECT_EQ(agreement.nothing_open, expected.nothing_open);
  EXPECT_EQ(agreement.nothing_open_agrees, agreement.nothing_open);
  EXPECT_LE(100 * agreement.misplaced, 5 * agreement.brokers_volume)
      << "95 % of the volume is in the broker's minute";
}

TEST_P(RecordedDayCandlesTest, OfTheDayAddUpToTheBrokers) {
  Candles candles{{}};
  day_->Feed(candles);
  const auto bars = candles.Read(0, Interval::k1d, 9);
  ASSERT_EQ(bars.size(), 1U);
  const Candle& ours = bars[0];
  const Shown& first = *day_->trades().front();
  EXPECT_EQ(first.vtt() - first.tick.last->quantity + ours.volume + GetParam().after_close,
            day_->day().volume);
  EXPECT_EQ(day_->trades().back()->vtt(), day_->day().volume);
  EXPECT_LE(ours.high, day_->day().high);
  EXPECT_GE(ours.low, day_->day().low);
  if (GetParam().after_close == 0) {
    EXPECT_EQ(ours.close, day_->day().close);
  }
  EXPECT_EQ(ours.close, std::prev(day_->brokers().end())->second.close);
  EXPECT_TRUE(ours.partial) << "the recording began at 09:32";
  EXPECT_FALSE(ours.estimated);
  const Candles::Counts& counts = candles.counts();
  EXPECT_EQ(counts.trades, GetParam().counts.trades);
  EXPECT_EQ(counts.repeats, GetParam().counts.repeats);
  EXPECT_EQ(counts.trades + counts.repeats + counts.outside, day_->shown().size());
  EXPECT_EQ(counts.outside, GetParam().counts.outside);
}

TEST_P(RecordedDayCandlesTest, AreTheSameWhenTimeFinishesThem) {
  Candles candles{{}};
  Candles timed{{}};
  day_->Feed(candles);
  day_->Feed(timed, 2'000);
  candles.Close(day_->hours().close_ms);
  timed.Close(day_->hours().close_ms);
  for (const Interval interval : kIntervals) {
    auto plain = candles.Read(0, interval, 1'000);
    auto closed = timed.Read(0, interval, 1'000);
    for (Candle& bar : closed) bar.revised = 0;
    EXPECT_EQ(plain, closed);
  }
  std::map<std::pair<Interval, std::int64_t>, Candle> told;  // as a store would keep them
  for (const Candle& bar : timed.Take()) told[{bar.interval, bar.start_ms}] = bar;
  std::size_t bars = 0;
  for (const Interval interval : kIntervals) {
    for (const Candle& bar : timed.Read(0, interval, 1'000)) {
      EXPECT_EQ((told[{interval, bar.start_ms}]), bar);
      ++bars;
    }
  }
  EXPECT_EQ(told.size(), bars);
  EXPECT_EQ(timed.counts(), candles.counts());
}

TEST_P(RecordedDayCandlesTest, LongerOnesAreSumsOfMinutes) {
  Candles candles{{.kept_minutes = 30}};  // so that most of a day has gone when it is summed
  Candles whole{{}};
  day_->Feed(candles);
  day_->Feed(whole);
  const auto minutes = whole.Read(0, Interval::k1m, 1'000);
  for (const Interval interval : kIntervals) {
    const auto bars = candles.Read(0, interval, 1'000);
    ASSERT_FALSE(bars.empty());
    for (const Candle& bar : bars) {
      const Span span = SpanOf(interval, bar.start_ms, day_->hours());
      Candle sum = bar;
      sum.trades = 0;
      for (const Candle& minute : minutes) {
        if (minute.start_ms < span.start_ms || minute.start_ms >= span.end_ms) continue;
        const bool is_first = sum.trades == 0;
        sum.open = is_first ? minute.open : sum.open;
        sum.high = is_first ? minute.high : std::max(sum.high, minute.high);
        sum.low = is_first ? minute.low : std::min(sum.low, minute.low);
        sum.close = minute.close;
        sum.volume = (is_first ? 0 : sum.volume) + minute.volume;
        sum.edge_volume = is_first ? minute.edge_volume : sum.edge_volume;
        sum.open_interest = minute.open_interest;
        sum.trades += minute.trades;
      }
      EXPECT_EQ(bar, sum) << calendar::FormatIst(bar.start_ms);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    December15, RecordedDayCandlesTest,
    testing::Values(Recorded{.name = "Equity",
                             .file = "upstox_v3_full_2025-12-15_NSE_EQ_INE027H01010.json.gz",
                             .causes = {{Cause::kAgrees, 192},
                                        {Cause::kFirstMinute, 1},
                                        {Cause::kUnseenBefore, 64},
                                        {Cause::kUnseenAfter, 64},
                                        {Cause::kUnseenBoth, 27},
                                        {Cause::kPause, 3},
                                        {Cause::kNoTrade, 4},
                                        {Cause::kNoBrokersBar, 3}},
                             .agreement = {.volume = 193,
                                           .close = 318,
                                           .both = 192,
                                           .open = 303,
                                           .high = 303,
                                           .low = 259,
                                           .volume_in_a_hundredth = 285,
                                           .nothing_open = 3},
                             .after_close = 2,
                             .counts = {.trades = 9'777, .repeats = 6'146, .outside = 1}},
                    Recorded{.name = "Option",
                             .file = "upstox_v3_full_2025-12-15_NSE_FO_60166.json.gz",
                             .causes = {{Cause::kAgrees, 300},
                                        {Cause::kFirstMinute, 1},
                                        {Cause::kUnseenBefore, 22},
                                        {Cause::kUnseenAfter, 21},
                                        {Cause::kUnseenBoth, 4},
                                        {Cause::kPause, 3},
                                        {Cause::kNoTrade, 4},
                                        {Cause::kNoBrokersBar, 3}},
                             .agreement = {.volume = 303,
                                           .close = 325,
                                           .both = 300,
                                           .open = 239,
                                           .high = 277,
                                           .low = 256,
                                           .volume_in_a_hundredth = 325,
                                           .nothing_open = 101},
                             .counts = {.trades = 14'964, .repeats = 14'499}}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
