#include "services/instruments/src/calendar_part.hpp"

#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "libs/http/client.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::instruments {
namespace {

// What is due is looked at this often; the broker is asked once a market day.
constexpr std::chrono::milliseconds kLookAtCalendarEvery{1'000};

Result<upstox::Endpoints> EndpointsOf(const Config& config) {
  if (config.broker.broker == Broker::kUpstox) return upstox::Endpoints::Real();
  return upstox::Endpoints::At(config.broker.sim_url);
}

/// Of wrong settings nothing is allowed; CheckSettings refuses them before.
UpstoxCalendar::Connect ConnectingToApi(const Config& config, const Clock& clock) {
  const auto endpoints = EndpointsOf(config);
  return
      [ca = config.broker.ca_file, allowed = endpoints ? endpoints->ToRead() : http::EgressList{},
       &clock] { return http::Client::Make({.ca = {.file = ca}, .allowed = allowed}, clock); };
}

prometheus::Gauge& CalendarGauge(prometheus::Registry& registry, const char* name,
                                 const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Result<void> CalendarPart::CheckSettings(const Config& config) {
  const auto endpoints = EndpointsOf(config);
  if (endpoints) return {};
  return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
               "the broker's address is wrong: " + endpoints.error().message};
}

CalendarPart::CalendarPart(Parts parts)
    : market_clock_{parts.market_clock},
      source_{ConnectingToApi(parts.config, parts.clock),
              EndpointsOf(parts.config).value_or(upstox::Endpoints{}), parts.market_clock},
      file_{parts.config.calendar_file},
      store_{parts.pool, std::move(parts.prepared)},
      calendar_{{source_, file_, store_, parts.clock, parts.market_clock}},
      service_{{calendar_, parts.market_clock, parts.calls}},
      answered_{CalendarGauge(parts.registry,
                              "sauda_instruments_calendar_broker_answered_timestamp_seconds",
                              "When the broker last told its holidays, Unix time; 0 before.")},
      failed_{CalendarGauge(parts.registry, "sauda_instruments_calendar_failed",
                            "1 while the broker's days or the calendar file cannot be read.")},
      year_known_{CalendarGauge(parts.registry, "sauda_instruments_calendar_year_known",
                                "1 when the holidays of the market's year are known.")} {}

void CalendarPart::Start() {
  task_.emplace(kLookAtCalendarEvery, [this] { Look(); });
}

void CalendarPart::Look() {
  calendar_.Look();
  const auto view = calendar_.Current();
  const int year = calendar::IstDate::Of(market_clock_.NowMs()).year;
  answered_.Set(static_cast<double>(view.state.broker_answered_ms) / 1e3);
  failed_.Set(view.state.failure.empty() ? 0 : 1);
  year_known_.Set(view.calendar->Knows(year) ? 1 : 0);
  if (view.state.failure != failure_ && !view.state.failure.empty()) {
    spdlog::warn("the market calendar stays as it was message={}",
                 telemetry::Quoted(view.state.failure));
  }
  failure_ = view.state.failure;
}

}  // namespace sauda::instruments
