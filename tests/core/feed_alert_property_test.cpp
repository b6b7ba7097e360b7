// Random markets and rules that come and go, against an evaluator that keeps everything and looks
// back through all of it.
#include <map>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/alert_script.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

constexpr InstrumentId kInstruments = 3;

/// What one rule has seen since it was added.
struct History {
  AlertRule rule;
  InstrumentId instrument = 0;
  std::vector<double> numbers;
  std::vector<std::size_t> fired;  // places in numbers

  bool Reached(double number) const {
    return rule.direction == Direction::kAbove ? number >= rule.level : number <= rule.level;
  }
  bool IsBeyondBand(double number) const {
    return rule.direction == Direction::kAbove ? number < rule.level - rule.hysteresis
                                               : number > rule.level + rule.hysteresis;
  }
  /// Whether the newest number fires: it has reached the level, and since the last firing one was
  /// beyond the band. The very first counts as beyond when it has not reached the level.
  bool Fires() const {
    if (!Reached(numbers.back())) return false;
    const std::size_t from = fired.empty() ? 0 : fired.back();
    for (std::size_t i = numbers.size() - 1; i-- > from;) {
      if (IsBeyondBand(numbers[i])) return true;
      if (i == 0 && !Reached(numbers[0])) return true;
    }
    return false;
  }
};

/// The trades of one instrument, and its minutes made of them anew each time.
struct Market {
  struct Trade {
    std::int64_t at_ms = 0;
    double price = 0;
    double previous_close = 0;
  };
  std::vector<Trade> trades;

  /// Closes of the minutes that are over; the first is left out.
  std::map<std::int64_t, double> Closes(std::int64_t now_ms) const {
    std::map<std::int64_t, double> closes;
    const auto minute_of = [](const Trade& trade) { return trade.at_ms / calendar::kMsPerMinute; };
    for (const Trade& each : trades) closes[minute_of(each)] = each.price;
    closes.erase(minute_of(trades.front()));
    constexpr std::int64_t kDelayMs = 2'000;
    if ((minute_of(trades.back()) + 1) * calendar::kMsPerMinute + kDelayMs > now_ms) {
      closes.erase(minute_of(trades.back()));
    }
    return closes;
  }

  std::optional<double> Number(const AlertRule& rule, std::int64_t now_ms) const {
    const Trade& last = trades.back();
    if (rule.measure == Measure::kPrice) return last.price;
    if (rule.measure == Measure::kChange) return last.price - last.previous_close;
    if (rule.measure == Measure::kChangePercent) {
      return (last.price - last.previous_close) / last.previous_close * 100;
    }
    const auto closes = Closes(now_ms);
    if (rule.measure == Measure::kMomentum) {
      std::optional<double> then;
      for (const auto& [minute, close] : closes) {
        const std::int64_t end_ms = (minute + 1) * calendar::kMsPerMinute;
        if (end_ms <= last.at_ms - rule.minutes * calendar::kMsPerMinute) then = close;
      }
      if (!then) return std::nullopt;
      return (last.price - *then) / *then * 100;
    }
    if (closes.size() < rule.period) return std::nullopt;
    double sum = 0;
    auto close = closes.rbegin();
    for (std::uint32_t i = 0; i < rule.period; ++i, ++close) sum += close->second;
    const double average = sum / rule.period;
    return (last.price - average) / average * 100;
  }
};

/// Both evaluators, fed the same.
class Pair {
 public:
  explicit Pair(std::uint64_t seed) : random_{seed} {
    // one rule a market that never goes, so that its minutes are kept from the first trade on
    for (InstrumentId id = 0; id < kInstruments; ++id) {
      Add({.id = "keep" + std::to_string(id),
           .measure = Measure::kPriceToAverage,
           .level = 0.2,
           .period = 20},
          id);
    }
  }

  void Step() {
    switch (Random(0, 19)) {
      case 0:
        return AddRandom();
      case 1:
        return RemoveRandom();
      case 2:
        return script_.Pass(std::chrono::milliseconds{Random(1, 90'000)});
      default:
        script_.Pass(std::chrono::milliseconds{Random(1, 20'000)});
        return Trade();
    }
  }
  std::size_t fired() const { return fired_; }

 private:
  std::int64_t Random(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random_);
  }
  void Add(AlertRule rule, InstrumentId id) {
    rule = script_.Rule(rule, id);
    script_.Add(rule, id);
    History history{.rule = rule, .instrument = id};
    if (!markets_[id].trades.empty()) {
      if (const auto number = markets_[id].Number(rule, script_.Time().market_ms))
        history.numbers.push_back(*number);
    }
    histories_.emplace(rule.id, history);
  }
  void AddRandom() {
    AlertRule rule{.id = "r" + std::to_string(++made_),
                   .direction = Random(0, 1) == 0 ? Direction::kAbove : Direction::kBelow};
    rule.hysteresis = static_cast<double>(Random(0, 4)) / 2;
    switch (Random(0, 4)) {
      case 0:
        rule.level = static_cast<double>(Random(95, 105));
        break;
      case 1:
        rule.measure = Measure::kChange;
        rule.level = static_cast<double>(Random(-5, 5));
        break;
      case 2:
        rule.measure = Measure::kChangePercent;
        rule.level = static_cast<double>(Random(-5, 5)) / 2;
        break;
      case 3:
        rule.measure = Measure::kPriceToAverage;
        rule.level = static_cast<double>(Random(-4, 4)) / 4;
        rule.period = 20;
        break;
      default:
        rule.measure = Measure::kMomentum;
        rule.level = static_cast<double>(Random(-4, 4)) / 2;
        rule.minutes = static_cast<std::uint32_t>(Random(1, 10));
    }
    Add(rule, static_cast<InstrumentId>(Random(0, kInstruments - 1)));
  }
  void RemoveRandom() {
    auto found = histories_.begin();
    std::advance(found, Random(0, static_cast<std::int64_t>(histories_.size()) - 1));
    if (found->first.starts_with("keep")) return;
    EXPECT_TRUE(script_.engine().Remove(found->first));
    histories_.erase(found);
  }
  void Trade() {
    const auto id = static_cast<InstrumentId>(Random(0, kInstruments - 1));
    const double price = 100 + static_cast<double>(Random(-10, 10)) / 2;
    script_.Trade(price, id, 100);
    markets_[id].trades.push_back({script_.Time().market_ms, price, 100});
    std::map<std::string, double> expected;
    for (auto& [rule_id, history] : histories_) {
      if (history.instrument != id) continue;
      const auto number = markets_[id].Number(history.rule, script_.Time().market_ms);
      if (!number) continue;
      history.numbers.push_back(*number);
      if (!history.Fires()) continue;
      history.fired.push_back(history.numbers.size() - 1);
      expected.emplace(rule_id, *number);
    }
    std::map<std::string, double> got;
    for (const AlertFiring& each : script_.fired()) {
      EXPECT_TRUE(got.emplace(each.rule->id, each.value).second) << each.rule->id;
    }
    (void)script_.Fired();
    EXPECT_EQ(got, expected);
    fired_ += got.size();
  }

  std::mt19937_64 random_;
  AlertScript script_;
  Market markets_[kInstruments];
  std::map<std::string, History> histories_;
  int made_ = 0;
  std::size_t fired_ = 0;
};

TEST(AlertPropertyTest, AgreesWithOneThatLooksBackThroughEverything) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Pair pair{seed};
  // within one session, whatever the seed: 375 minutes at about 10.75 s a step
  for (int i = 0; i < 1'850 && !testing::Test::HasFailure(); ++i) pair.Step();
  EXPECT_GT(pair.fired(), 100U) << "a market without alerts proves nothing";
}

}  // namespace
}  // namespace sauda::feed
