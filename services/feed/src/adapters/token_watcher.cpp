#include "services/feed/src/adapters/token_watcher.hpp"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"

namespace sauda::feed {
namespace {

namespace wire = sauda::auth::v1alpha1;

}  // namespace

struct TokenWatcher::Stub {
  std::unique_ptr<wire::AuthService::Stub> stub;
};

TokenWatcher::TokenWatcher(std::shared_ptr<grpc::Channel> channel, std::string account_id,
                           Backoff::Limits backoff, Events events)
    : stub_{std::make_unique<Stub>(Stub{wire::AuthService::NewStub(std::move(channel))})},
      account_id_{std::move(account_id)},
      events_{std::move(events)},
      backoff_{backoff},
      thread_{[this] { Run(); }} {}

TokenWatcher::~TokenWatcher() { Stop(); }

void TokenWatcher::Run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    lock.unlock();
    const bool brought_any = Watch();
    lock.lock();
    if (brought_any) backoff_.Reset();
    if (backoff_.attempts() == 0 && !brought_any) (void)backoff_.Next();
    const auto pause = backoff_.Next();
    changed_.wait_for(lock, pause, [&] { return stopping_ || restart_; });
  }
}

// A watch begins with the present token, so taking it up anew is also how to ask for it.
bool TokenWatcher::Watch() {
  grpc::ClientContext context;
  rpc::SetRequestId(context, rpc::NewRequestId());
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return false;
    restart_ = false;
    context_ = &context;
  }
  wire::WatchTokenRequest request;
  request.set_account_id(account_id_);
  request.set_use(wire::TOKEN_USE_MARKET_DATA);
  const auto reader = stub_->stub->WatchToken(&context, request);
  wire::TokenEvent event;
  bool brought_any = false;
  while (reader->Read(&event)) {
    brought_any = true;
    events_.on_state(nullptr);
    if (event.has_token()) {
      events_.on_token(BrokerToken{.text = Secret{event.token().access_token()},
                                   .version = event.token().version()},
                       "");
    } else if (event.has_gone()) {
      events_.on_token(std::nullopt, event.gone().reason());
    }
  }
  const Error why = rpc::FromStatus(reader->Finish());
  bool asked_for = false;
  {
    const std::lock_guard lock{mutex_};
    context_ = nullptr;
    asked_for = stopping_ || restart_;
  }
  if (!asked_for) events_.on_state(&why);
  return brought_any;
}

void TokenWatcher::OnRefused() {
  const std::lock_guard lock{mutex_};
  restart_ = true;
  if (context_ != nullptr) context_->TryCancel();
  changed_.notify_all();
}

void TokenWatcher::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace sauda::feed
