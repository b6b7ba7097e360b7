#include "simulator/src/rest/guard.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {
namespace {

http::Response Reset() {
  http::Response response;
  response.drop = true;
  return response;
}

}  // namespace

Guard::Guard(Loop& loop, Market& market, Logins& logins, Faults& faults, Metrics& metrics,
             Limits limits, OrderRecord* record)
    : loop_{loop},
      market_{market},
      logins_{logins},
      faults_{faults},
      metrics_{metrics},
      limits_{limits},
      record_{record} {}

Moment Guard::Now() const {
  const Monotonic now = std::chrono::steady_clock::now();
  return {.now = now, .market_ms = market_.NowMs(now)};
}

std::string Guard::BearerOf(const http::Request& request) {
  static constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.headers.Get("Authorization");
  if (header.size() <= kScheme.size()) return {};
  if (!http::EqualIgnoringCase(header.substr(0, kScheme.size()), kScheme)) return {};
  return std::string{header.substr(kScheme.size())};
}

std::optional<http::Response> Guard::Stop(FaultTarget target, Access access,
                                          const http::Request& request, const Moment& moment,
                                          const std::optional<Fault>& fault) {
  if (fault) {
    metrics_.faults
        .Add({{"target", std::string{ToText(target)}}, {"kind", std::string{ToText(fault->kind)}}})
        .Increment();
    if (fault->kind == FaultKind::kStatus) return FailureOfStatus(fault->status, fault->code);
    if (fault->kind == FaultKind::kResetBefore) return Reset();
  }
  if (access == Access::kToken) {
    const std::string token = BearerOf(request);
    if (auto refused = logins_.CheckToken(token, moment.market_ms)) return Failure(*refused);
    const auto claims = logins_.ClaimsOf(token);
    const TokenKind kind = claims ? claims->kind : TokenKind::kAccess;
    if (auto refused = Logins::CheckRights(kind, request.method, request.route)) {
      return Failure(*refused);
    }
    if (claims && !logins_.HasDesk(claims->subject) && Logins::IsOfDesk(request.route)) {
      return FailureOfStatus(403, "UDAPI100049");
    }
  }
  const bool orders = target == FaultTarget::kOrders && request.method != "GET";
  const bool counted = orders ? calls_.Allow("orders", limits_.orders, moment.now)
                              : calls_.Allow(request.route, limits_.standard, moment.now);
  if (!counted) return FailureOfStatus(429);
  return std::nullopt;
}

void Guard::Take(FaultTarget target, Access access, const Handle& handle,
                 const http::Request& request, const http::Respond& respond) {
  const Monotonic now = std::chrono::steady_clock::now();
  Call call{.target = target, .access = access, .fault = faults_.TakeHttp(target, now)};
  if (record_ != nullptr && target == FaultTarget::kOrders) {
    call.recorded = record_->Called(request, call.fault);
  }
  if (call.fault && call.fault->kind == FaultKind::kLate) {
    return loop_.At(now + call.fault->delay, [this, call, handle, request, respond] {
      Answer(call, handle, request, respond);
    });
  }
  Answer(call, handle, request, respond);
}

void Guard::Answer(const Call& call, const Handle& handle, const http::Request& request,
                   const http::Respond& respond) {
  const Moment moment = Now();
  const std::optional<Fault>& fault = call.fault;
  auto stopped = Stop(call.target, call.access, request, moment, fault);
  const bool unseen =
      fault && (fault->kind == FaultKind::kStatus || fault->kind == FaultKind::kResetBefore);
  http::Response response = stopped ? *std::move(stopped) : handle(request, moment);
  if (call.recorded != 0 && !unseen) record_->Done(call.recorded, response);
  if (!fault) return respond(std::move(response));
  if (fault->kind == FaultKind::kStatusAfter) {
    response = FailureOfStatus(fault->status, fault->code);
  }
  const bool lost = fault->kind == FaultKind::kResetAfter || fault->kind == FaultKind::kNoAnswer;
  if (lost) response = Reset();
  if (fault->kind == FaultKind::kSlow || fault->kind == FaultKind::kNoAnswer) {
    return loop_.At(moment.now + fault->delay, [respond, response] { respond(response); });
  }
  respond(std::move(response));
}

http::Handler Guard::Wrap(FaultTarget target, Access access, Handle handle) {
  return [this, target, access, handle = std::move(handle)](const http::Request& request,
                                                            const http::Respond& respond) {
    const bool taken = loop_.Post([this, target, access, handle, request, respond] {
      Take(target, access, handle, request, respond);
    });
    if (!taken) respond(FailureOfStatus(503));
  };
}

http::Handler Guard::WrapThen(
    FaultTarget target, Access access,
    std::function<std::optional<http::Response>(const http::Request&)> check, http::Handler next) {
  return [this, target, access, check = std::move(check), next = std::move(next)](
             const http::Request& request, const http::Respond& respond) {
    const auto work = [this, target, access, check, next, request, respond] {
      const Moment moment = Now();
      const auto fault = faults_.TakeHttp(target, moment.now);
      auto response = Stop(target, access, request, moment, fault);
      if (!response) response = check(request);
      if (response) return respond(*std::move(response));
      if (fault && fault->kind == FaultKind::kSlow) {
        return loop_.At(moment.now + fault->delay,
                        [next, request, respond] { next(request, respond); });
      }
      next(request, respond);
    };
    if (!loop_.Post(work)) respond(FailureOfStatus(503));
  };
}

http::Handler Guard::OnLoop(Handle handle) {
  return [this, handle = std::move(handle)](const http::Request& request,
                                            const http::Respond& respond) {
    const bool taken =
        loop_.Post([this, handle, request, respond] { respond(handle(request, Now())); });
    if (!taken) respond(FailureOfStatus(503));
  };
}

http::UpgradeHandler Guard::WrapUpgrade(FaultTarget target, Access access, HandleUpgrade handle) {
  return [this, target, access, handle = std::move(handle)](
             const http::Request& request, const std::shared_ptr<http::Upgrade>& upgrade) {
    const auto work = [this, target, access, handle, request, upgrade] {
      const Moment moment = Now();
      const auto fault = faults_.TakeHttp(target, moment.now);
      if (auto response = Stop(target, access, request, moment, fault)) {
        return upgrade->Refuse(*std::move(response));
      }
      if (fault && fault->kind == FaultKind::kResetAfter) return upgrade->Refuse(Reset());
      if (fault && fault->kind == FaultKind::kSlow) {
        return loop_.At(moment.now + fault->delay,
                        [this, handle, request, upgrade] { handle(request, Now(), *upgrade); });
      }
      handle(request, moment, *upgrade);
    };
    if (!loop_.Post(work)) upgrade->Refuse(FailureOfStatus(503));
  };
}

}  // namespace sauda::sim
