#include "services/instruments/src/core/calendar/market_calendar.hpp"

#include <algorithm>
#include <utility>

#include "services/instruments/src/core/calendar/broker_days.hpp"

namespace sauda::instruments {
namespace {

using calendar::IstDate;
using calendar::SpecialDay;

constexpr std::int64_t kNsPerMs = 1'000'000;
// Of the past as much is kept as a year's candles need.
constexpr int kKeptDays = 400;
// Timings are asked for the day and the next, which is known before its morning.
constexpr int kDaysAsked = 2;

/// FNV-1a over all that is known of any day, so that instances and versions that know the same
/// agree. Never 0, which means none.
std::int64_t RevisionOf(const calendar::Calendar& calendar) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  const auto take = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    hash = (hash ^ 0xFFU) * 1'099'511'628'211U;  // no text has it: an end
  };
  for (const SpecialDay& each : calendar.SpecialDays({1970, 1, 1}, {9999, 12, 31})) {
    take(each.date.ToString());
    take(calendar::ExchangeOf(each.segment));
    take(each.day.why);
    take(std::to_string(static_cast<int>(each.day.origin)));
    for (const calendar::Hours& hours : each.day.sessions) {
      take(std::to_string(hours.pre_open));
      take(std::to_string(hours.open));
      take(std::to_string(hours.close));
    }
  }
  return static_cast<std::int64_t>(hash >> 1U) | 1;
}

}  // namespace

MarketCalendar::MarketCalendar(Parts parts) : parts_{parts} {
  state_.revision = RevisionOf(*calendar_);
}

void MarketCalendar::Look() {
  const std::lock_guard refreshing{refreshing_};
  LoadKept();
  if (parts_.file.Changed()) static_cast<void>(ReadFile());  // what is wrong is in the state
  const IstDate today = IstDate::Of(parts_.market_clock.NowMs());
  if (asked_on_ != today && parts_.clock.Now() >= not_before_) static_cast<void>(AskBroker());
  Publish();
}

Result<void> MarketCalendar::Refresh() {
  const std::lock_guard refreshing{refreshing_};
  LoadKept();
  auto file = ReadFile();
  auto asked = AskBroker();
  Publish();
  if (!asked) return asked;
  return file;
}

void MarketCalendar::LoadKept() {
  if (!loaded_) {
    auto kept = parts_.store.Load();
    if (!kept) return;  // the database is away: later
    loaded_ = true;
    // Of the days to come the broker knows better, once it has answered.
    std::erase_if(*kept,
                  [&](const SpecialDay& day) { return asked_on_ && day.date >= *asked_on_; });
    broker_days_.insert(broker_days_.begin(), std::make_move_iterator(kept->begin()),
                        std::make_move_iterator(kept->end()));
  }
  if (!saved_) saved_ = parts_.store.Save(broker_days_).has_value();
}

Result<void> MarketCalendar::AskBroker() {
  const auto fail = [&](const Error& error) {
    broker_failure_ = error.reason + ": " + error.message;
    if (backoff_.attempts() == 0) static_cast<void>(backoff_.Next());  // which is no wait
    not_before_ = parts_.clock.Now() + backoff_.Next();
    return error;
  };
  const auto holidays = parts_.source.Holidays();
  if (!holidays) return fail(holidays.error());
  // Its answer may have told the time of the market.
  const IstDate today = IstDate::Of(parts_.market_clock.NowMs());
  std::vector<SpecialDay> told = DaysOf(*holidays);
  const calendar::Calendar known{told};
  for (int ahead = 0; ahead < kDaysAsked; ++ahead) {
    const IstDate date = today.Plus(ahead);
    const auto timings = parts_.source.Timings(date);
    if (!timings) return fail(timings.error());
    const std::vector<SpecialDay> days = DaysOf(date, *timings, known);
    told.insert(told.end(), days.begin(), days.end());
  }
  backoff_.Reset();
  broker_failure_.clear();
  asked_on_ = today;
  std::erase_if(broker_days_, [&](const SpecialDay& day) {
    return day.date >= today || day.date < today.Plus(-kKeptDays);
  });
  broker_days_.insert(broker_days_.end(), std::make_move_iterator(told.begin()),
                      std::make_move_iterator(told.end()));
  saved_ = loaded_ && parts_.store.Save(broker_days_).has_value();
  const std::lock_guard lock{mutex_};
  state_.broker_answered_ms = parts_.clock.UtcNs() / kNsPerMs;
  state_.simulated = parts_.source.simulated();
  return {};
}

Result<void> MarketCalendar::ReadFile() {
  auto days = parts_.file.Read();
  file_failure_ = days ? "" : days.error().reason + ": " + days.error().message;
  if (!days) return days.error();
  file_days_ = std::move(*days);
  return {};
}

void MarketCalendar::Publish() {
  std::vector<SpecialDay> all = broker_days_;
  all.insert(all.end(), file_days_.begin(), file_days_.end());
  const std::lock_guard lock{mutex_};
  state_.failure = broker_failure_;
  if (!file_failure_.empty()) {
    state_.failure += (state_.failure.empty() ? "" : "; ") + file_failure_;
  }
  if (all == published_) return;
  calendar_ = std::make_shared<const calendar::Calendar>(all);
  published_ = std::move(all);
  state_.revision = RevisionOf(*calendar_);
}

MarketCalendar::View MarketCalendar::Current() const {
  const std::lock_guard lock{mutex_};
  return {.calendar = calendar_, .state = state_};
}

}  // namespace sauda::instruments
