#include "libs/calendar/rules.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace sauda::calendar {
namespace {

constexpr int At(int hour, int minute) { return hour * 60 + minute; }

/// What kind of rules a segment follows.
enum class Market : std::uint8_t { kEquity, kDerivatives, kCurrency, kCommodity };

/// Regular hours from a day on; the newest rule that has begun holds.
struct Rule {
  IstDate from;
  Hours hours;
};

constexpr std::array kEquityRules{
    Rule{{1970, 1, 1}, {At(9, 0), At(9, 15), At(15, 30)}},
};
constexpr std::array kDerivativesRules{
    Rule{{1970, 1, 1}, {At(9, 15), At(9, 15), At(15, 30)}},
    Rule{{2025, 12, 8}, {At(9, 0), At(9, 15), At(15, 30)}},  // futures have a pre-open since then
    Rule{{2026, 8, 3}, {At(9, 0), At(9, 15), At(15, 40)}},
};
constexpr std::array kCurrencyRules{
    Rule{{1970, 1, 1}, {At(9, 0), At(9, 0), At(17, 0)}},
};
constexpr std::array kCommodityRules{
    Rule{{1970, 1, 1}, {At(9, 0), At(9, 0), At(23, 30)}},
};
/// The commodity exchange's evening session, on days when it does not open in the morning.
constexpr Hours kCommodityEvening{At(17, 0), At(17, 0), At(23, 55)};

/// A weekday on which the stock exchanges are closed.
struct Holiday {
  IstDate date;
  bool commodity_closed = false;  ///< no evening session either
};

constexpr std::array kHolidays{
    Holiday{{2026, 1, 15}},        Holiday{{2026, 1, 26}, true}, Holiday{{2026, 3, 3}},
    Holiday{{2026, 3, 26}},        Holiday{{2026, 3, 31}},       Holiday{{2026, 4, 3}, true},
    Holiday{{2026, 4, 14}},        Holiday{{2026, 5, 1}},        Holiday{{2026, 5, 28}},
    Holiday{{2026, 6, 26}},        Holiday{{2026, 9, 14}},       Holiday{{2026, 10, 2}, true},
    Holiday{{2026, 10, 20}},       Holiday{{2026, 11, 10}},      Holiday{{2026, 11, 24}},
    Holiday{{2026, 12, 25}, true},
};

/// A session on a day that would have none, for every segment.
struct Special {
  IstDate date;
  Hours hours;
  const char* why;
};

constexpr std::array kSpecials{
    Special{{2026, 11, 8}, {At(18, 0), At(18, 0), At(19, 15)}, "Muhurat trading"},  // a Sunday
};

Market MarketOf(Segment segment) {
  switch (segment) {
    case Segment::kNseEquity:
    case Segment::kBseEquity:
      return Market::kEquity;
    case Segment::kNseDerivatives:
    case Segment::kBseDerivatives:
      return Market::kDerivatives;
    case Segment::kNseCurrency:
    case Segment::kBseCurrency:
      return Market::kCurrency;
    case Segment::kCommodity:
    case Segment::kNseCommodity:
      break;
  }
  return Market::kCommodity;
}

std::span<const Rule> RulesOf(Market market) {
  switch (market) {
    case Market::kEquity:
      return kEquityRules;
    case Market::kDerivatives:
      return kDerivativesRules;
    case Market::kCurrency:
      return kCurrencyRules;
    case Market::kCommodity:
      break;
  }
  return kCommodityRules;
}

const Special* SpecialOn(const IstDate& date) {
  const auto* const found = std::find_if(kSpecials.begin(), kSpecials.end(),
                                         [&](const Special& row) { return row.date == date; });
  return found == kSpecials.end() ? nullptr : found;
}

const Holiday* HolidayOn(const IstDate& date) {
  const auto* const found = std::find_if(kHolidays.begin(), kHolidays.end(),
                                         [&](const Holiday& row) { return row.date == date; });
  return found == kHolidays.end() ? nullptr : found;
}

Hours RegularHours(Market market, const IstDate& date) {
  Hours hours;
  for (const Rule& rule : RulesOf(market)) {
    if (rule.from <= date) hours = rule.hours;
  }
  return hours;
}

}  // namespace

std::optional<Hours> RuleHours(Segment segment, IstDate date) {
  if (const Special* const special = SpecialOn(date)) return special->hours;
  if (date.IsWeekend()) return std::nullopt;
  const Market market = MarketOf(segment);
  const Holiday* const holiday = HolidayOn(date);
  if (holiday == nullptr) return RegularHours(market, date);
  if (market != Market::kCommodity || holiday->commodity_closed) return std::nullopt;
  return kCommodityEvening;
}

Day RuleFor(Segment segment, IstDate date) {
  Day day;
  if (const auto hours = RuleHours(segment, date)) day.sessions.push_back(*hours);
  if (const Special* const special = SpecialOn(date)) {
    day.why = special->why;
    day.origin = DayOrigin::kShipped;
  } else if (HolidayOn(date) != nullptr) {
    day.why = day.sessions.empty() ? "Holiday" : "Holiday, evening session";
    day.origin = DayOrigin::kShipped;
  }
  return day;
}

std::vector<IstDate> ShippedDates() {
  std::vector<IstDate> dates;
  dates.reserve(kHolidays.size() + kSpecials.size());
  for (const Holiday& each : kHolidays) dates.push_back(each.date);
  for (const Special& each : kSpecials) dates.push_back(each.date);
  std::sort(dates.begin(), dates.end());
  return dates;
}

}  // namespace sauda::calendar
