// What 10 000 alert rules cost while ticks come: the share of a core that a whole AlertDesk uses,
// from the copy on the socket's thread to what fires, the pacing of the ticks included.

#include <atomic>
#include <cmath>
#include <ctime>
#include <memory>
#include <string>

#include "bench/bench.hpp"
#include "bench/load.hpp"
#include "libs/base/check.hpp"
#include "services/feed/src/alert_desk.hpp"

namespace sauda::bench {
namespace {

using namespace std::chrono_literals;
using feed::AlertRule;
using feed::Direction;
using feed::Measure;

constexpr feed::InstrumentId kInstruments = 500;
constexpr int kRules = 10'000;
constexpr std::int64_t kOpenMs = 1'765'770'300'000;  // 2025-12-15, 09:15 IST

std::string KeyOf(feed::InstrumentId id) { return "NSE_FO|" + std::to_string(40'000 + id); }

/// Rules of every kind in turn, near enough to the market that some fire now and then.
AlertRule RuleOf(int number) {
  const auto id = static_cast<feed::InstrumentId>(number) % kInstruments;
  const int kind = number / static_cast<int>(kInstruments);
  AlertRule rule{.id = "rule" + std::to_string(number),
                 .instrument_key = KeyOf(id),
                 .direction = kind % 2 == 0 ? Direction::kAbove : Direction::kBelow,
                 .level = kind % 2 == 0 ? 4.0 : -4.0,
                 .hysteresis = 1};
  switch (kind % 10) {
    case 0:
    case 1:
      rule.level += 100;
      return rule;
    case 2:
    case 3:
      rule.measure = Measure::kChangePercent;
      return rule;
    case 4:
      rule.measure = Measure::kPriceToAverage;
      rule.period = 200;
      return rule;
    case 5:
      rule.measure = Measure::kAverageToAverage;
      rule.period = 20;
      rule.slow_period = 50;
      return rule;
    case 6:
      rule.measure = Measure::kVolumeRatio;
      return rule;
    case 7:
      rule.measure = Measure::kMomentum;
      rule.minutes = 15;
      return rule;
    case 8:
      rule.measure = Measure::kOpenInterestChange;
      rule.minutes = 30;
      return rule;
    default:
      rule.measure = Measure::kDelta;
      rule.level = -0.65;
      return rule;
  }
}

/// A market in full mode, its prices in slow waves.
class Market {
 public:
  Market() {
    for (feed::InstrumentId id = 0; id < kInstruments; ++id) {
      listings_.push_back(std::make_shared<const feed::Listing>(feed::Listing{.key = KeyOf(id)}));
    }
  }

  /// The next tick of an instrument, at `ms` after the open.
  const feed::Tick& Next(feed::InstrumentId id, std::int64_t ms) {
    ++seq_;
    const double wave = std::sin(static_cast<double>(seq_) / 50'000 + id);
    tick_.listing = listings_[id];
    tick_.seq = seq_;
    tick_.received_at = clock_.Now();
    tick_.broker_ms = kOpenMs + ms;
    tick_.mode = feed::Mode::kFull;
    tick_.last = feed::LastTrade{
        .price = 100 + 5 * wave, .time_ms = kOpenMs + ms, .quantity = 50, .previous_close = 100};
    tick_.greeks = feed::Greeks{-0.64 + 0.02 * wave, -15.358, 0.0003, 45.3725, -16.2522};
    tick_.totals.volume = static_cast<std::int64_t>(seq_);
    tick_.totals.open_interest = 71'365 + 1'000 * wave;
    tick_.totals.implied_volatility = 0.1;
    return tick_;
  }

 private:
  const SystemClock clock_;
  std::vector<std::shared_ptr<const feed::Listing>> listings_;
  feed::Tick tick_;
  std::uint64_t seq_ = 0;
};

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Percent of one core, at 10 000 ticks a second.
double ShareOfACore() {
  const Load load;
  const SystemClock clock;
  std::atomic<std::uint64_t> fired{0};
  std::atomic<std::uint64_t> unseen{0};
  feed::AlertDesk desk{clock,
                       [] { return std::int64_t{0}; },
                       {.queue_quotes = 200'000},
                       {.on_fired = [&](auto alerts) { fired += alerts.size(); },
                        .on_unseen = [&](std::uint64_t ticks) { unseen += ticks; },
                        .on_added = [](const AlertRule&) {},
                        .on_removed = [](const std::string&) {},
                        .on_count = [](std::size_t) {}}};
  for (int i = 0; i < kRules; ++i) {
    const AlertRule rule = RuleOf(i);
    const auto id = static_cast<feed::InstrumentId>(i) % kInstruments;
    Check(desk.Add(rule, id).has_value(), "the rule is taken");
  }
  Market market;
  constexpr std::int64_t kMinutes = 210;  // so that every average is there
  for (std::int64_t minute = 0; minute < kMinutes; ++minute) {
    for (feed::InstrumentId id = 0; id < kInstruments; ++id) {
      desk.Take(id, market.Next(id, minute * 60'000));
    }
    desk.EndFrame();
  }
  feed::InstrumentId next = 0;
  const auto send = [&](std::int64_t frame) {
    for (int i = 0; i < load.ticks_per_frame; ++i) {
      desk.Take(next, market.Next(next, kMinutes * 60'000 + frame));
      next = (next + 1) % kInstruments;
    }
    desk.EndFrame();
  };
  (void)Pace(load, load.warm_up, send);
  const double before = CpuSeconds();
  const auto began = std::chrono::steady_clock::now();
  (void)Pace(load, load.measured, send);
  const double used = CpuSeconds() - before;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  desk.Stop();
  Check(unseen == 0, "every tick was judged");
  Check(fired > 0, "rules fire");
  return used / took.count() * 100;
}

std::vector<Row> Rules() {
  return {Absolute(
      {.name = "alerts.rules", .unit = "% of a core", .budget = 5, .larger_is_better = false},
      ShareOfACore)};
}

}  // namespace

std::vector<Benchmark> AlertBenchmarks() { return {{"alerts.rules", Rules}}; }

}  // namespace sauda::bench
