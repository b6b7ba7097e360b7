#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "libs/base/market_clock.hpp"
#include "libs/upstox/broker_observer.hpp"
#include "libs/upstox/endpoints.hpp"
#include "services/instruments/src/core/calendar/calendar_source.hpp"

namespace sauda::http {
class Client;
}  // namespace sauda::http
namespace sauda::upstox {
class RestClient;
}  // namespace sauda::upstox

namespace sauda::instruments {

/// The broker's calendar over its REST API, which wants no token for it.
class UpstoxCalendar final : public CalendarSource {
 public:
  /// Makes the client; asked again as long as it fails, since the simulator writes the certificate
  /// it is to trust when it starts.
  using Connect = std::function<Result<std::unique_ptr<http::Client>>()>;

  UpstoxCalendar(Connect connect, upstox::Endpoints endpoints, MarketClock& market_clock,
                 std::chrono::milliseconds deadline = std::chrono::seconds{10});
  ~UpstoxCalendar() override;

  Result<std::vector<BrokerHoliday>> Holidays() override;
  Result<std::vector<BrokerHours>> Timings(calendar::IstDate date) override;
  bool simulated() const override { return observer_.simulated(); }

 private:
  Result<upstox::RestClient*> Connected();

  const Connect connect_;
  const upstox::Endpoints endpoints_;
  const std::chrono::milliseconds deadline_;
  upstox::BrokerObserver observer_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<upstox::RestClient> rest_;
};

}  // namespace sauda::instruments
