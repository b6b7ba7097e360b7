#include "libs/calendar/sessions.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace sauda::calendar {
namespace {

constexpr int At(int hour, int minute) { return hour * 60 + minute; }

/// What kind of rules a segment follows.
enum class Market : std::uint8_t { kEquity, kDerivatives, kCurrency, kCommodity };

/// One day's phases in minutes after 00:00 IST. No pre-open: pre_open == open. Closed: open ==
/// close.
struct Hours {
  int pre_open = 0;
  int open = 0;
  int close = 0;
};

constexpr Hours kClosedAllDay{};

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
};

constexpr std::array kSpecials{
    Special{{2026, 11, 8}, {At(18, 0), At(18, 0), At(19, 15)}},  // Muhurat, a Sunday
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

Hours HoursOn(Segment segment, const IstDate& date) {
  const auto special = std::find_if(kSpecials.begin(), kSpecials.end(),
                                    [&](const Special& row) { return row.date == date; });
  if (special != kSpecials.end()) return special->hours;
  if (date.IsWeekend()) return kClosedAllDay;
  const Market market = MarketOf(segment);
  const auto holiday = std::find_if(kHolidays.begin(), kHolidays.end(),
                                    [&](const Holiday& row) { return row.date == date; });
  if (holiday != kHolidays.end()) {
    return market == Market::kCommodity && !holiday->commodity_closed ? kCommodityEvening
                                                                      : kClosedAllDay;
  }
  Hours hours;
  for (const Rule& rule : RulesOf(market)) {
    if (rule.from <= date) hours = rule.hours;
  }
  return hours;
}

}  // namespace

std::optional<Segment> SegmentOf(std::string_view name) {
  static constexpr std::array kNames{
      std::pair{std::string_view{"NSE_EQ"}, Segment::kNseEquity},
      std::pair{std::string_view{"NSE_INDEX"}, Segment::kNseEquity},
      std::pair{std::string_view{"BSE_EQ"}, Segment::kBseEquity},
      std::pair{std::string_view{"BSE_INDEX"}, Segment::kBseEquity},
      std::pair{std::string_view{"NSE_FO"}, Segment::kNseDerivatives},
      std::pair{std::string_view{"BSE_FO"}, Segment::kBseDerivatives},
      std::pair{std::string_view{"NCD_FO"}, Segment::kNseCurrency},
      std::pair{std::string_view{"BCD_FO"}, Segment::kBseCurrency},
      std::pair{std::string_view{"MCX_FO"}, Segment::kCommodity},
      std::pair{std::string_view{"MCX_INDEX"}, Segment::kCommodity},
      std::pair{std::string_view{"MCX_COM"}, Segment::kCommodity},
      std::pair{std::string_view{"NSE_COM"}, Segment::kNseCommodity},
  };
  for (const auto& [known, segment] : kNames) {
    if (known == name) return segment;
  }
  return std::nullopt;
}

Session SessionAt(Segment segment, std::int64_t epoch_ms) {
  IstDate date = IstDate::Of(epoch_ms);
  Hours hours = HoursOn(segment, date);
  if (hours.open != hours.close) {
    if (epoch_ms >= date.AtMinute(hours.pre_open)) {
      if (epoch_ms < date.AtMinute(hours.open)) return {Phase::kPreOpen, date.AtMinute(hours.open)};
      if (epoch_ms < date.AtMinute(hours.close)) return {Phase::kOpen, date.AtMinute(hours.close)};
    } else {
      return {Phase::kClosed, date.AtMinute(hours.pre_open)};
    }
  }
  do {  // ends: no rule closes a segment for good
    date = date.Plus(1);
    hours = HoursOn(segment, date);
  } while (hours.open == hours.close);
  return {Phase::kClosed, date.AtMinute(hours.pre_open)};
}

bool IsTradingDay(Segment segment, IstDate date) {
  const Hours hours = HoursOn(segment, date);
  return hours.open != hours.close;
}

std::optional<std::int64_t> OpenMs(Segment segment, IstDate date) {
  const Hours hours = HoursOn(segment, date);
  if (hours.open == hours.close) return std::nullopt;
  return date.AtMinute(hours.open);
}

}  // namespace sauda::calendar
