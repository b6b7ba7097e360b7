#pragma once

#include <functional>
#include <optional>
#include <string>

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/rpc/calls.hpp"
#include "libs/storage/pg_pool.hpp"
#include "libs/telemetry/repeating_task.hpp"
#include "services/instruments/src/adapters/calendar_file.hpp"
#include "services/instruments/src/adapters/pg_calendar_store.hpp"
#include "services/instruments/src/adapters/upstox_calendar.hpp"
#include "services/instruments/src/config.hpp"
#include "services/instruments/src/core/calendar/market_calendar.hpp"
#include "services/instruments/src/rpc/calendar_service.hpp"

namespace sauda::instruments {

/// The market calendar with what it reads, keeps and shows. All that it is given outlives it.
class CalendarPart {
 public:
  struct Parts {
    const Config& config;
    storage::PgPool& pool;
    std::function<bool()> prepared;  // whether the schema is there
    const Clock& clock;
    MarketClock& market_clock;
    rpc::Calls& calls;
    prometheus::Registry& registry;
  };

  explicit CalendarPart(Parts parts);

  /// Whether the settings can be worked with. Fails with kInvalidArgument / SETTINGS_INVALID.
  static Result<void> CheckSettings(const Config& config);

  grpc::Service& service() { return service_; }
  void Start();
  void Stop() { task_.reset(); }

 private:
  void Look();

  const MarketClock& market_clock_;
  UpstoxCalendar source_;
  JsonCalendarFile file_;
  PgCalendarStore store_;
  MarketCalendar calendar_;
  CalendarService service_;
  prometheus::Gauge& answered_;
  prometheus::Gauge& failed_;
  prometheus::Gauge& year_known_;
  std::string failure_;  // the task's own: the last that was logged
  std::optional<telemetry::RepeatingTask> task_;
};

}  // namespace sauda::instruments
