#include "services/orders/src/adapters/token_watch.hpp"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/base/backoff.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"

namespace sauda::orders {
namespace {

namespace pb = auth::v1alpha1;
using std::chrono::milliseconds;

constexpr auto kName = "auth";

}  // namespace

TokenWatch::TokenWatch(std::shared_ptr<grpc::Channel> channel, std::string account_id,
                       const MarketClock& market_clock, telemetry::Dependencies& dependencies)
    : channel_{std::move(channel)},
      account_id_{std::move(account_id)},
      market_clock_{market_clock},
      dependencies_{dependencies} {}

TokenWatch::~TokenWatch() {
  thread_.request_stop();
  const std::lock_guard lock{mutex_};
  if (context_ != nullptr) context_->TryCancel();
  changed_.notify_all();
}

void TokenWatch::Start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

Result<Secret> TokenWatch::Token() const {
  const std::lock_guard lock{mutex_};
  if (token_ && (followed_ || market_clock_.NowMs() < expires_ms_)) return *token_;
  return Error{Code::kUnavailable, "TOKEN_MISSING",
               "no access token: " + (token_ ? std::string{"TOKEN_EXPIRED"} : why_not_)};
}

void TokenWatch::WaitForChange(milliseconds limit) const {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, limit, [this, before = changes_] { return changes_ != before; });
}

void TokenWatch::Run(const std::stop_token& stop) {
  Backoff backoff{{.first = milliseconds{200}, .most = milliseconds{5'000}}};
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, stop, backoff.Next(), [] { return false; });
    }
    const auto began = std::chrono::steady_clock::now();
    if (!stop.stop_requested()) Follow(stop);
    const bool lasted = std::chrono::steady_clock::now() - began > std::chrono::seconds{30};
    if (lasted) backoff.Reset();
  }
}

void TokenWatch::Follow(const std::stop_token& stop) {
  grpc::ClientContext context;
  rpc::SetRequestId(context, rpc::NewRequestId());
  {
    const std::lock_guard lock{mutex_};
    if (stop.stop_requested()) return;
    context_ = &context;
  }
  pb::WatchTokenRequest request;
  request.set_account_id(account_id_);
  request.set_use(pb::TOKEN_USE_ORDERS);
  const auto stub = pb::AuthService::NewStub(channel_);
  const auto reader = stub->WatchToken(&context, request);
  for (pb::TokenEvent event; reader->Read(&event);) {
    dependencies_.Up(kName);
    const std::lock_guard lock{mutex_};
    followed_ = true;
    if (event.has_token()) {
      token_ = Secret{event.token().access_token()};
      expires_ms_ = event.token().expires_ms();
    } else {
      token_.reset();
      why_not_ = event.gone().reason();
    }
    ++changes_;
    changed_.notify_all();
  }
  const Error error = rpc::FromStatus(reader->Finish());
  const std::lock_guard lock{mutex_};
  context_ = nullptr;
  followed_ = false;
  if (!stop.stop_requested()) dependencies_.Down(kName, error.reason + ": " + error.message);
}

}  // namespace sauda::orders
