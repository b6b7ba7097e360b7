#include "services/instruments/src/adapters/upstox_calendar.hpp"

#include <utility>

#include "libs/upstox/rest_client.hpp"

namespace sauda::instruments {
namespace {

// The year's holidays are some twenty; far more is no calendar.
constexpr std::size_t kMostHolidays = 1'000;

Error BrokerDown(const Error& why) {
  return {Code::kUnavailable, "BROKER_DOWN",
          "the broker's calendar cannot be had: " + why.reason + ": " + why.message};
}

BrokerHours ToCore(upstox::ExchangeHours& hours) {
  return {
      .exchange = std::move(hours.exchange), .start_ms = hours.start_ms, .end_ms = hours.end_ms};
}

std::vector<BrokerHours> ToCore(std::vector<upstox::ExchangeHours>& all) {
  std::vector<BrokerHours> made;
  made.reserve(all.size());
  for (auto& each : all) made.push_back(ToCore(each));
  return made;
}

}  // namespace

UpstoxCalendar::UpstoxCalendar(Connect connect, upstox::Endpoints endpoints,
                               MarketClock& market_clock, std::chrono::milliseconds deadline)
    : connect_{std::move(connect)},
      endpoints_{std::move(endpoints)},
      deadline_{deadline},
      observer_{market_clock} {}

UpstoxCalendar::~UpstoxCalendar() = default;

Result<upstox::RestClient*> UpstoxCalendar::Connected() {
  if (!rest_) {
    auto client = connect_();
    if (!client) return BrokerDown(client.error());
    client_ = std::move(*client);
    rest_ = std::make_unique<upstox::RestClient>(*client_, endpoints_, observer_, deadline_);
  }
  return rest_.get();
}

Result<std::vector<BrokerHoliday>> UpstoxCalendar::Holidays() {
  const auto rest = Connected();
  if (!rest) return rest.error();
  auto told = (*rest)->GetMarketHolidays();
  if (!told) return BrokerDown(told.error());
  if (told->size() > kMostHolidays) {
    return BrokerDown({Code::kInvalidArgument, "BROKER_ANSWER_MALFORMED",
                       "it names " + std::to_string(told->size()) + " holidays"});
  }
  std::vector<BrokerHoliday> holidays;
  for (upstox::MarketHoliday& each : *told) {
    holidays.push_back({.date = std::move(each.date),
                        .description = std::move(each.description),
                        .closed = std::move(each.closed_exchanges),
                        .open = ToCore(each.open_exchanges)});
  }
  return holidays;
}

Result<std::vector<BrokerHours>> UpstoxCalendar::Timings(calendar::IstDate date) {
  const auto rest = Connected();
  if (!rest) return rest.error();
  auto told = (*rest)->GetMarketTimings(date.ToString());
  if (!told) return BrokerDown(told.error());
  return ToCore(*told);
}

}  // namespace sauda::instruments
