#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "services/feed/src/core/alerts/alert_engine.hpp"

namespace sauda::feed {

/// An alert engine and a test that speaks to it: time is seconds and market milliseconds of the
/// test's own, instruments are numbers, and what fired is the rules' ids.
class AlertScript {
 public:
  static constexpr std::int64_t kOpenMs = 1'765'770'300'000;  // Monday 2025-12-15, 09:15 IST

  static std::string Key(InstrumentId id) { return "NSE_FO|" + std::to_string(40'000 + id); }

  explicit AlertScript(AlertEngine::Options options = {}) : engine_{std::move(options)} {}

  /// A rule as a test wants it, of instrument 0 unless it says otherwise; it gets a key.
  AlertRule Rule(AlertRule rule, InstrumentId id = 0) const {
    if (rule.id.empty()) rule.id = "r";
    if (HasInstrument(rule.measure)) rule.instrument_key = Key(id);
    return rule;
  }

  void Add(AlertRule rule, InstrumentId id = 0) {
    rule = Rule(std::move(rule), id);
    const auto checked = CheckAlertRule(rule);
    ASSERT_TRUE(checked) << checked.error().message;
    const auto is_new = engine_.IsNew(rule);
    ASSERT_TRUE(is_new) << is_new.error().message;
    engine_.Add(std::make_shared<const AlertRule>(rule), id, Time());
  }

  AlertQuote Quote(InstrumentId id = 0) {
    return {.instrument = id,
            .seq = ++seq_,
            .received_ns = Time().utc_ns,
            .received_at = Time().now,
            .broker_ms = MarketMs(),
            .mode = Mode::kFull,
            .simulated = true};
  }
  void Push(const AlertQuote& quote) { engine_.OnQuote(quote, fired_); }
  /// A trade at the present time.
  void Trade(double price, InstrumentId id = 0, double previous_close = 0) {
    AlertQuote quote = Quote(id);
    quote.last = LastTrade{
        .price = price, .time_ms = MarketMs(), .quantity = 1, .previous_close = previous_close};
    quote.volume = volume_;
    quote.open_interest = open_interest_;
    Push(quote);
  }
  /// Of the day, with trades from now on.
  void SetVolume(std::int64_t volume) { volume_ = volume; }
  void SetOpenInterest(double units) { open_interest_ = units; }

  /// Time passes, and the engine is told.
  void Pass(std::chrono::milliseconds by) {
    elapsed_ms_ += by.count();
    engine_.OnTime(Time(), fired_);
  }
  AlertTime Time() const {
    return {.now = Monotonic{} + std::chrono::hours{1} + std::chrono::milliseconds{elapsed_ms_},
            .utc_ns = (kOpenMs + elapsed_ms_) * 1'000'000,
            .market_ms = MarketMs()};
  }
  /// The market's clock goes back.
  void GoBack(std::chrono::milliseconds by) { back_ms_ += by.count(); }
  /// Trades are missing since `from`.
  void OpenGap(const AlertTime& from) { engine_.OnOpenGap(0, from.utc_ns); }
  /// And are no more.
  void EndGap(const AlertTime& from) {
    engine_.OnGap({.from_ns = from.utc_ns, .to_ns = Time().utc_ns}, Time(), fired_);
    engine_.OnOpenGap(0, std::nullopt);
  }

  /// Ids of what fired since the last call, each followed by a blank.
  std::string Fired() {
    std::string ids;
    for (const AlertFiring& each : std::exchange(fired_, {})) ids += each.rule->id + " ";
    return ids;
  }
  std::vector<AlertFiring>& fired() { return fired_; }
  AlertEngine& engine() { return engine_; }

 private:
  std::int64_t MarketMs() const { return kOpenMs + elapsed_ms_ - back_ms_; }

  AlertEngine engine_;
  std::vector<AlertFiring> fired_;
  std::int64_t elapsed_ms_ = 0;
  std::int64_t back_ms_ = 0;
  std::uint64_t seq_ = 0;
  std::int64_t volume_ = 0;
  double open_interest_ = 0;
};

}  // namespace sauda::feed
