#include "services/instruments/src/rpc/calendar_service.hpp"

#include <string>
#include <vector>

#include "services/instruments/src/core/calendar/holiday_list.hpp"

namespace sauda::instruments {
namespace {

namespace pb = v1alpha1;
using calendar::IstDate;

constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2199;

pb::DayOrigin OriginToWire(calendar::DayOrigin origin) {
  switch (origin) {
    case calendar::DayOrigin::kRules:
      return pb::DAY_ORIGIN_RULES;
    case calendar::DayOrigin::kShipped:
      return pb::DAY_ORIGIN_SHIPPED;
    case calendar::DayOrigin::kBroker:
      return pb::DAY_ORIGIN_BROKER;
    case calendar::DayOrigin::kFile:
      break;
  }
  return pb::DAY_ORIGIN_FILE;
}

pb::MarketPhase PhaseToWire(calendar::Phase phase) {
  switch (phase) {
    case calendar::Phase::kClosed:
      return pb::MARKET_PHASE_CLOSED;
    case calendar::Phase::kPreOpen:
      return pb::MARKET_PHASE_PRE_OPEN;
    case calendar::Phase::kOpen:
      break;
  }
  return pb::MARKET_PHASE_OPEN;
}

using WireSessions = google::protobuf::RepeatedPtrField<pb::MarketSession>;

void SessionsToWire(IstDate date, const std::vector<calendar::Hours>& sessions, WireSessions& out) {
  for (const calendar::Hours& each : sessions) {
    pb::MarketSession& session = *out.Add();
    session.set_pre_open_ms(date.AtMinute(each.pre_open));
    session.set_open_ms(date.AtMinute(each.open));
    session.set_close_ms(date.AtMinute(each.close));
  }
}

void DayToWire(IstDate date, calendar::Segment segment, const calendar::Day& day,
               pb::ExchangeDay& out) {
  out.set_exchange(std::string{calendar::ExchangeOf(segment)});
  SessionsToWire(date, day.sessions, *out.mutable_sessions());
  out.set_origin(OriginToWire(day.origin));
}

/// The one that is named, or all.
Result<std::vector<calendar::Segment>> Named(const std::string& exchange) {
  if (exchange.empty()) {
    return std::vector<calendar::Segment>{calendar::kAllSegments.begin(),
                                          calendar::kAllSegments.end()};
  }
  if (const auto segment = calendar::SegmentOfExchange(exchange)) return std::vector{*segment};
  return Error{Code::kInvalidArgument, "EXCHANGE_UNKNOWN",
               "no exchange is called so; there are NSE, BSE, NFO, BFO, CDS, BCD, MCX, NSCOM"};
}

}  // namespace

void CalendarService::Show(const MarketCalendar::View& view, pb::CalendarState& out) const {
  out.set_revision(view.state.revision);
  out.set_broker_answered_ms(view.state.broker_answered_ms);
  out.set_failure(view.state.failure);
  out.set_year_known(view.calendar->Knows(IstDate::Of(parts_.market_clock.NowMs()).year));
  out.set_simulated(view.state.simulated);
}

grpc::Status CalendarService::GetMarketStatus(grpc::ServerContext* context,
                                              const pb::GetMarketStatusRequest* request,
                                              pb::MarketStatus* response) {
  return parts_.calls.Run(*context, "GetMarketStatus", [&](const std::string&) -> Result<void> {
    const auto segments = Named(request->exchange());
    if (!segments) return segments.error();
    const auto view = parts_.calendar.Current();
    const std::int64_t now_ms = parts_.market_clock.NowMs();
    response->set_now_ms(now_ms);
    for (const calendar::Segment segment : *segments) {
      const auto session = view.calendar->SessionAt(segment, now_ms);
      const auto day = view.calendar->On(segment, IstDate::Of(now_ms));
      auto& out = *response->add_exchanges();
      out.set_exchange(std::string{calendar::ExchangeOf(segment)});
      out.set_phase(PhaseToWire(session.phase));
      out.set_next_change_ms(session.next_change_ms);
      out.set_trading_day(!day.sessions.empty());
      out.set_why(day.why);
      out.set_origin(OriginToWire(day.origin));
    }
    Show(view, *response->mutable_calendar());
    return {};
  });
}

grpc::Status CalendarService::ListMarketHolidays(grpc::ServerContext* context,
                                                 const pb::ListMarketHolidaysRequest* request,
                                                 pb::ListMarketHolidaysResponse* response) {
  return parts_.calls.Run(*context, "ListMarketHolidays", [&](const std::string&) -> Result<void> {
    const int year = request->year() == 0 ? IstDate::Of(parts_.market_clock.NowMs()).year
                                          : static_cast<int>(request->year());
    if (year < kFirstYear || year > kLastYear) {
      return Error{Code::kInvalidArgument, "YEAR_INVALID", "a year is from 1970 to 2199"};
    }
    const auto view = parts_.calendar.Current();
    response->set_year(year);
    for (const Holiday& each : HolidaysOf(*view.calendar, year)) {
      auto& out = *response->add_holidays();
      out.set_date(each.date.ToString());
      out.set_description(each.description);
      out.set_origin(OriginToWire(each.origin));
      for (const calendar::Segment segment : each.closed) {
        out.add_closed_exchanges(std::string{calendar::ExchangeOf(segment)});
      }
      for (const auto& [segment, day] : each.open) {
        DayToWire(each.date, segment, day, *out.add_open_exchanges());
      }
    }
    Show(view, *response->mutable_calendar());
    return {};
  });
}

grpc::Status CalendarService::GetMarketTimings(grpc::ServerContext* context,
                                               const pb::GetMarketTimingsRequest* request,
                                               pb::MarketTimings* response) {
  return parts_.calls.Run(*context, "GetMarketTimings", [&](const std::string&) -> Result<void> {
    const auto segments = Named(request->exchange());
    if (!segments) return segments.error();
    const auto date = request->date().empty()
                          ? Result<IstDate>{IstDate::Of(parts_.market_clock.NowMs())}
                          : IstDate::Parse(request->date());
    if (!date) return date.error();
    const auto view = parts_.calendar.Current();
    response->set_date(date->ToString());
    for (const calendar::Segment segment : *segments) {
      const auto day = view.calendar->On(segment, *date);
      if (!day.sessions.empty()) DayToWire(*date, segment, day, *response->add_exchanges());
    }
    return {};
  });
}

grpc::Status CalendarService::GetCalendar(grpc::ServerContext* context,
                                          const pb::GetCalendarRequest* request,
                                          pb::MarketCalendar* response) {
  return parts_.calls.Run(*context, "GetCalendar", [&](const std::string&) -> Result<void> {
    const auto view = parts_.calendar.Current();
    Show(view, *response->mutable_state());
    if (request->known_revision() == view.state.revision) return {};
    for (const auto& each : view.calendar->SpecialDays({kFirstYear, 1, 1}, {kLastYear, 12, 31})) {
      auto& out = *response->add_days();
      out.set_date(each.date.ToString());
      out.set_exchange(std::string{calendar::ExchangeOf(each.segment)});
      SessionsToWire(each.date, each.day.sessions, *out.mutable_sessions());
      out.set_why(each.day.why);
      out.set_origin(OriginToWire(each.day.origin));
    }
    return {};
  });
}

grpc::Status CalendarService::RefreshCalendar(grpc::ServerContext* context,
                                              const pb::RefreshCalendarRequest*,
                                              pb::CalendarState* response) {
  return parts_.calls.Run(*context, "RefreshCalendar", [&](const std::string&) -> Result<void> {
    if (auto refreshed = parts_.calendar.Refresh(); !refreshed) return refreshed;
    Show(parts_.calendar.Current(), *response);
    return {};
  });
}

}  // namespace sauda::instruments
