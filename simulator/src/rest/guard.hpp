#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/clock.hpp"
#include "libs/http/server.hpp"
#include "simulator/src/core/faults.hpp"
#include "simulator/src/core/logins.hpp"
#include "simulator/src/core/market.hpp"
#include "simulator/src/core/rate_limits.hpp"
#include "simulator/src/loop.hpp"
#include "simulator/src/metrics.hpp"
#include "simulator/src/order_record.hpp"

namespace sauda::sim {

/// When a request is looked at: real and market time.
struct Moment {
  Monotonic now;
  std::int64_t market_ms = 0;
};

/// What every request to the broker goes through before it is looked at: faults, the access token,
/// rate limits; all on the loop's thread, where handlers run too. Made before the server starts;
/// everything given must outlive the server.
class Guard {
 public:
  /// Answers a request on the loop's thread.
  using Handle = std::function<http::Response(const http::Request&, const Moment&)>;
  using HandleUpgrade =
      std::function<void(const http::Request&, const Moment&, http::Upgrade& upgrade)>;
  struct Limits {
    RateLimit standard;  ///< of each route by itself
    RateLimit orders;    ///< one budget for place, modify and cancel together
  };
  enum class Access : std::uint8_t { kOpen, kToken };

  /// `record` hears of every order call; null: none is kept.
  Guard(Loop& loop, Market& market, Logins& logins, Faults& faults, Metrics& metrics, Limits limits,
        OrderRecord* record = nullptr);

  http::Handler Wrap(FaultTarget target, Access access, Handle handle);
  http::UpgradeHandler WrapUpgrade(FaultTarget target, Access access, HandleUpgrade handle);

  /// Looks at a request as Wrap does, then at what `check` says (absent: go on), then hands it to
  /// `next`, which answers it on threads of its own. reset-after does nothing here.
  http::Handler WrapThen(FaultTarget target, Access access,
                         std::function<std::optional<http::Response>(const http::Request&)> check,
                         http::Handler next);

  /// Runs a handler on the loop's thread without looking at the request first.
  http::Handler OnLoop(Handle handle);

  Moment Now() const;

  /// The Bearer token of a request; empty without one.
  static std::string BearerOf(const http::Request& request);

 private:
  /// An answer that ends the request before its handler; absent: go on.
  std::optional<http::Response> Stop(FaultTarget target, Access access,
                                     const http::Request& request, const Moment& moment,
                                     const std::optional<Fault>& fault);
  /// A call that the loop answers, from its coming on.
  struct Call {
    FaultTarget target = FaultTarget::kRest;
    Access access = Access::kOpen;
    std::optional<Fault> fault;
    std::uint64_t recorded = 0;  ///< its number in the record; 0: it has none
  };
  void Take(FaultTarget target, Access access, const Handle& handle, const http::Request& request,
            const http::Respond& respond);
  void Answer(const Call& call, const Handle& handle, const http::Request& request,
              const http::Respond& respond);

  Loop& loop_;
  Market& market_;
  Logins& logins_;
  Faults& faults_;
  Metrics& metrics_;
  const Limits limits_;
  OrderRecord* const record_;
  RateLimits calls_;
};

}  // namespace sauda::sim
