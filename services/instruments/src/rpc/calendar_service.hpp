#pragma once

#include "libs/base/market_clock.hpp"
#include "libs/rpc/calls.hpp"
#include "sauda/instruments/v1alpha1/calendar.grpc.pb.h"
#include "services/instruments/src/core/calendar/market_calendar.hpp"

namespace sauda::instruments {

/// The rpcs of calendar.proto over the core. Thread-safe.
class CalendarService final : public v1alpha1::CalendarService::Service {
 public:
  struct Parts {
    MarketCalendar& calendar;
    const MarketClock& market_clock;
    rpc::Calls& calls;
  };

  explicit CalendarService(Parts parts) : parts_{parts} {}

  grpc::Status GetMarketStatus(grpc::ServerContext* context,
                               const v1alpha1::GetMarketStatusRequest* request,
                               v1alpha1::MarketStatus* response) override;
  grpc::Status ListMarketHolidays(grpc::ServerContext* context,
                                  const v1alpha1::ListMarketHolidaysRequest* request,
                                  v1alpha1::ListMarketHolidaysResponse* response) override;
  grpc::Status GetMarketTimings(grpc::ServerContext* context,
                                const v1alpha1::GetMarketTimingsRequest* request,
                                v1alpha1::MarketTimings* response) override;
  grpc::Status GetCalendar(grpc::ServerContext* context,
                           const v1alpha1::GetCalendarRequest* request,
                           v1alpha1::MarketCalendar* response) override;
  grpc::Status RefreshCalendar(grpc::ServerContext* context,
                               const v1alpha1::RefreshCalendarRequest* request,
                               v1alpha1::CalendarState* response) override;

 private:
  void Show(const MarketCalendar::View& view, v1alpha1::CalendarState& out) const;

  const Parts parts_;
};

}  // namespace sauda::instruments
