#include <nlohmann/json.hpp>

#include "services/gateway/src/rpc/envelope.hpp"
#include "services/gateway/src/rpc/instrument_json.hpp"
#include "services/gateway/src/rpc/recorded.hpp"
#include "services/gateway/src/rpc/routes.hpp"

namespace sauda::gateway {
namespace {

namespace wire = instruments::v1alpha1;
using nlohmann::json;
using wire::CalendarService;

std::string OriginWord(wire::DayOrigin origin) {
  return Word(wire::DayOrigin_Name(origin), "DAY_ORIGIN_");
}

json StateJson(const wire::CalendarState& state) {
  return {{"revision", state.revision()},
          {"broker_answered_ms", state.broker_answered_ms()},
          {"failure", state.failure()},
          {"year_known", state.year_known()},
          {"simulated", state.simulated()}};
}

json DaysJson(const google::protobuf::RepeatedPtrField<wire::ExchangeDay>& days) {
  json list = json::array();
  for (const auto& day : days) {
    json sessions = json::array();
    for (const auto& each : day.sessions()) {
      sessions.push_back({{"pre_open_time", each.pre_open_ms()},
                          {"start_time", each.open_ms()},
                          {"end_time", each.close_ms()}});
    }
    // As the broker has it: from the first opening to the last close.
    list.push_back({{"exchange", day.exchange()},
                    {"start_time", sessions.front()["start_time"]},
                    {"end_time", sessions.back()["end_time"]},
                    {"sessions", sessions},
                    {"origin", OriginWord(day.origin())}});
  }
  return list;
}

http::Response MarketStatus(const Peers& peers, const Asked& request) {
  wire::GetMarketStatusRequest ask;
  ask.set_exchange(std::string{request.Query("exchange")});
  const auto status =
      Call<wire::MarketStatus>(*peers.calendar, &CalendarService::Stub::GetMarketStatus, ask,
                               peers.call_limit, request.request_id);
  if (!status) return Refusal(status.error(), request.request_id);
  json exchanges = json::array();
  for (const auto& each : status->exchanges()) {
    exchanges.push_back({{"exchange", each.exchange()},
                         {"phase", Word(wire::MarketPhase_Name(each.phase()), "MARKET_PHASE_")},
                         {"next_change_ms", each.next_change_ms()},
                         {"trading_day", each.trading_day()},
                         {"why", each.why()},
                         {"origin", OriginWord(each.origin())}});
  }
  return Success({{"now_ms", status->now_ms()},
                  {"exchanges", exchanges},
                  {"calendar", StateJson(status->calendar())}},
                 request.request_id);
}

http::Response MarketHolidays(const Peers& peers, const Asked& request) {
  wire::ListMarketHolidaysRequest ask;
  const auto year = NumberIn(request, "year");
  if (!year) {
    return Refusal({Code::kInvalidArgument, "YEAR_INVALID", "a year is from 1970 to 2199"},
                   request.request_id);
  }
  ask.set_year(*year);
  const auto found = Call<wire::ListMarketHolidaysResponse>(
      *peers.calendar, &CalendarService::Stub::ListMarketHolidays, ask, peers.call_limit,
      request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  json list = json::array();
  for (const auto& each : found->holidays()) {
    json closed = json::array();
    for (const auto& exchange : each.closed_exchanges()) closed.push_back(exchange);
    list.push_back({{"date", each.date()},
                    {"description", each.description()},
                    {"closed_exchanges", closed},
                    {"open_exchanges", DaysJson(each.open_exchanges())},
                    {"origin", OriginWord(each.origin())}});
  }
  return SuccessFlat(
      {{"data", list}, {"year", found->year()}, {"calendar", StateJson(found->calendar())}},
      request.request_id);
}

http::Response TimingsOf(const Peers& peers, const Asked& request, const std::string& date) {
  wire::GetMarketTimingsRequest ask;
  ask.set_date(date);
  ask.set_exchange(std::string{request.Query("exchange")});
  const auto found =
      Call<wire::MarketTimings>(*peers.calendar, &CalendarService::Stub::GetMarketTimings, ask,
                                peers.call_limit, request.request_id);
  if (!found) return Refusal(found.error(), request.request_id);
  return SuccessFlat({{"data", DaysJson(found->exchanges())}, {"date", found->date()}},
                     request.request_id);
}

http::Response MarketTimingsToday(const Peers& peers, const Asked& request) {
  return TimingsOf(peers, request, "");
}

http::Response MarketTimings(const Peers& peers, const Asked& request) {
  return TimingsOf(peers, request, std::string{request.Param("date")});
}

http::Response RefreshMarketCalendar(const Peers& peers, const Asked& request) {
  if (const auto recorded = RecordAct(peers, request, "calendar.refresh", "calendar"); !recorded) {
    return Refusal(recorded.error(), request.request_id);
  }
  // The broker is asked: three calls to it at most.
  const auto state = Call<wire::CalendarState>(
      *peers.calendar, &CalendarService::Stub::RefreshCalendar, wire::RefreshCalendarRequest{},
      peers.call_limit + std::chrono::seconds{30}, request.request_id);
  if (!state) return Refusal(state.error(), request.request_id);
  return Success(StateJson(*state), request.request_id);
}

}  // namespace

void AddCalendarRoutes(const Context& context) {
  const auto add = [&](const char* method, const char* path,
                       http::Response (*answer)(const Peers&, const Asked&)) {
    context.routes.Add(method, path,
                       OnWorkers(context, [&peers = context.peers, answer](const auto& request) {
                         return answer(peers, request);
                       }));
  };
  add("GET", "/api/v1/market/status", MarketStatus);
  add("GET", "/api/v1/market/holidays", MarketHolidays);
  add("GET", "/api/v1/market/timings", MarketTimingsToday);
  add("GET", "/api/v1/market/timings/{date}", MarketTimings);
  add("POST", "/api/v1/market/calendar/refresh", RefreshMarketCalendar);
}

}  // namespace sauda::gateway
