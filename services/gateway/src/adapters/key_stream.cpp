#include "services/gateway/src/adapters/key_stream.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/backoff.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/log.hpp"
#include "sauda/auth/v1alpha1/keys.grpc.pb.h"

namespace sauda::gateway {
namespace {

using auth::v1alpha1::KeysService;

constexpr std::chrono::milliseconds kHousePause{500};
constexpr std::chrono::milliseconds kCallLimit{5'000};
constexpr std::size_t kUsesAtOnce = 1'000;  // what ReportUse takes
// Short: until it is back, what is revoked meanwhile goes on being accepted.
const Backoff::Limits kPauses{.first = std::chrono::milliseconds{100},
                              .most = std::chrono::milliseconds{500}};

/// Absent: it is not in a form that we know, so nobody is let in with it.
std::optional<keys::KnownKey> FromProto(const auth::v1alpha1::KnownKey& in) {
  keys::KnownKey key{.id = in.key_id(),
                     .hash = {},
                     .scopes = {},
                     .accounts = {in.accounts().begin(), in.accounts().end()},
                     .expires_ms = in.expires_ms(),
                     .revoked_ms = in.revoked_ms()};
  const auto hash = keys::FromBytes(in.sha256());
  if (!hash) return std::nullopt;
  key.hash = *hash;
  for (const int scope : in.scopes()) {
    switch (scope) {
      case auth::v1alpha1::SCOPE_READ:
        key.scopes.Add(keys::Scope::kRead);
        break;
      case auth::v1alpha1::SCOPE_TRADE:
        key.scopes.Add(keys::Scope::kTrade);
        break;
      case auth::v1alpha1::SCOPE_ADMIN:
        key.scopes.Add(keys::Scope::kAdmin);
        break;
      default:
        break;  // a scope of a newer auth opens no path here
    }
  }
  return key;
}

}  // namespace

KeyStream::KeyStream(std::shared_ptr<grpc::Channel> channel, KeyRing& ring, Metrics& metrics,
                     const Clock& clock, std::chrono::milliseconds report_every)
    : channel_{std::move(channel)},
      ring_{ring},
      metrics_{metrics},
      clock_{clock},
      report_every_{report_every},
      house_{[this](const std::stop_token& stop) { KeepHouse(stop); }},
      thread_{[this](const std::stop_token& stop) { Run(stop); }} {}

KeyStream::~KeyStream() { Stop(); }

void KeyStream::Stop() {
  house_.request_stop();
  thread_.request_stop();
  {
    const std::lock_guard lock{mutex_};
    for (auto* const call : calls_) call->TryCancel();
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (house_.joinable()) house_.join();
}

bool KeyStream::Sleep(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  (void)stopping_.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

/// A call that Stop ends.
class KeyStream::Call {
 public:
  Call(KeyStream& owner, const std::stop_token& stop) : owner_{owner} {
    const std::lock_guard lock{owner_.mutex_};
    owner_.calls_.insert(&context_);
    if (stop.stop_requested()) context_.TryCancel();
  }
  ~Call() {
    const std::lock_guard lock{owner_.mutex_};
    owner_.calls_.erase(&context_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  grpc::ClientContext& context() { return context_; }

 private:
  KeyStream& owner_;
  grpc::ClientContext context_;
};

void KeyStream::Run(const std::stop_token& stop) {
  Backoff backoff{kPauses};
  bool told = false;
  while (!stop.stop_requested()) {
    if (!Sleep(stop, backoff.Next())) return;
    const auto before = events_;
    const Error why = Follow(stop);
    if (stop.stop_requested()) return;
    if (events_ != before) {
      backoff.Reset();
      told = false;
    }
    if (!std::exchange(told, true)) {
      spdlog::warn("keys are not followed reason={} known={}", why.reason, ring_.size());
    }
  }
}

Error KeyStream::Follow(const std::stop_token& stop) {
  Call call{*this, stop};
  rpc::SetRequestId(call.context(), rpc::NewRequestId());
  const auto stub = KeysService::NewStub(channel_);
  const auto stream = stub->WatchKeys(&call.context(), {});
  auth::v1alpha1::KeysEvent event;
  while (stream->Read(&event)) {
    std::vector<keys::KnownKey> told;
    for (const auto& each : event.keys()) {
      if (auto key = FromProto(each)) told.push_back(std::move(*key));
    }
    if (event.whole()) {
      ring_.Set(std::move(told));
    } else {
      ring_.Change(std::move(told));
    }
    ring_.EndDead(NowMs());
    metrics_.keys.Set(static_cast<double>(ring_.size()));
    ++events_;
  }
  return rpc::FromStatus(stream->Finish());
}

void KeyStream::KeepHouse(const std::stop_token& stop) {
  auto next_report = clock_.Now() + report_every_;
  while (Sleep(stop, std::min(kHousePause, report_every_))) {
    ring_.EndDead(NowMs());
    if (clock_.Now() < next_report) continue;
    ReportUses(stop);
    next_report = clock_.Now() + report_every_;
  }
}

void KeyStream::ReportUses(const std::stop_token& stop) {
  const auto uses = ring_.TakeUses();
  for (std::size_t from = 0; from < uses.size(); from += kUsesAtOnce) {
    const auto first = uses.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last =
        uses.begin() + static_cast<std::ptrdiff_t>(std::min(from + kUsesAtOnce, uses.size()));
    auth::v1alpha1::ReportUseRequest request;
    for (auto use = first; use != last; ++use) {
      auto& out = *request.add_uses();
      out.set_key_id(use->key_id);
      out.set_used_ms(use->used_ms);
    }
    Call call{*this, stop};
    rpc::Prepare(call.context(), kCallLimit, rpc::NewRequestId());
    auth::v1alpha1::ReportUseResponse response;
    const auto status =
        KeysService::NewStub(channel_)->ReportUse(&call.context(), request, &response);
    if (!status.ok()) ring_.GiveBack({first, last});
  }
}

}  // namespace sauda::gateway
