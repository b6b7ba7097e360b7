#include "simulator/src/rest/calendar_routes.hpp"

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/calendar/calendar.hpp"
#include "simulator/src/core/market_hours.hpp"
#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {
namespace {

using calendar::IstDate;
using nlohmann::json;

http::Response DateWrong(const std::string& date) {
  return Failure({.http = 400,
                  .code = "UDAPI1088",
                  .message = "The 'date' must be yyyy-MM-dd",
                  .property = "date",
                  .invalid_value = date});
}

json HoursJson(IstDate date, const calendar::SpecialDay& day) {
  return {{"exchange", calendar::ExchangeOf(day.segment)},
          {"start_time", date.AtMinute(day.day.sessions.front().open)},
          {"end_time", date.AtMinute(day.day.sessions.back().close)}};
}

/// What is special from `first` to `last`, a date each.
json HolidaysJson(IstDate first, IstDate last) {
  json holidays = json::array();
  for (const auto& each : calendar::ShippedCalendar().SpecialDays(first, last)) {
    const std::string date = each.date.ToString();
    if (holidays.empty() || holidays.back()["date"] != date) {
      holidays.push_back({{"date", date},
                          {"description", each.day.why},
                          {"holiday_type", "SPECIAL_TIMING"},
                          {"closed_exchanges", json::array()},
                          {"open_exchanges", json::array()}});
    }
    json& holiday = holidays.back();
    if (!each.day.sessions.empty()) {
      holiday["open_exchanges"].push_back(HoursJson(each.date, each));
      continue;
    }
    holiday["holiday_type"] = "TRADING_HOLIDAY";
    holiday["closed_exchanges"].push_back(calendar::ExchangeOf(each.segment));
  }
  return holidays;
}

json TimingsJson(IstDate date) {
  json timings = json::array();
  for (const calendar::Segment segment : calendar::kAllSegments) {
    auto day = calendar::ShippedCalendar().On(segment, date);
    if (day.sessions.empty()) continue;
    timings.push_back(HoursJson(date, {date, segment, std::move(day)}));
  }
  return timings;
}

/// The segment whose status an exchange's is.
std::optional<std::string_view> FeedSegmentOfExchange(std::string_view exchange) {
  const auto segment = calendar::SegmentOfExchange(exchange);
  for (const std::string_view name : kFeedSegments) {
    if (segment && calendar::SegmentOf(name) == segment) return name;
  }
  return std::nullopt;
}

}  // namespace

void AddCalendarRoutes(http::Server& server, Guard& guard, Market& market) {
  const auto add = [&](const char* path, Guard::Access access, Guard::Handle handle) {
    server.Route("GET", path, guard.Wrap(FaultTarget::kRest, access, std::move(handle)));
  };
  add("/v2/market/holidays", Guard::Access::kOpen, [](const http::Request&, const Moment& at) {
    const int year = IstDate::Of(at.market_ms).year;
    return Success(HolidaysJson({year, 1, 1}, {year, 12, 31}));
  });
  add("/v2/market/holidays/{date}", Guard::Access::kOpen,
      [](const http::Request& request, const Moment&) {
        const auto date = IstDate::Parse(request.Param("date"));
        if (!date) return DateWrong(std::string{request.Param("date")});
        return Success(HolidaysJson(*date, *date));
      });
  add("/v2/market/timings/{date}", Guard::Access::kOpen,
      [](const http::Request& request, const Moment&) {
        const auto date = IstDate::Parse(request.Param("date"));
        if (!date) return DateWrong(std::string{request.Param("date")});
        return Success(TimingsJson(*date));
      });
  add("/v2/market/status/{exchange}", Guard::Access::kToken,
      [&market](const http::Request& request, const Moment& at) {
        const auto segment = FeedSegmentOfExchange(request.Param("exchange"));
        if (!segment) {
          return Failure({.http = 400, .code = "UDAPI1089", .message = "The exchange is invalid"});
        }
        return Success({{"exchange", request.Param("exchange")},
                        {"status", ToText(market.statuses()[FeedSegmentOf(*segment)])},
                        {"last_updated", at.market_ms}});
      });
}

}  // namespace sauda::sim
