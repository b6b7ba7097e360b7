#include "services/auth/src/rpc/auth_service.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "libs/base/check.hpp"
#include "libs/rpc/actor.hpp"
#include "libs/telemetry/log.hpp"
#include "services/auth/src/rpc/encode.hpp"

namespace sauda::auth {
namespace {

const Error& ShuttingDown() {
  static const Error error{Code::kUnavailable, "SHUTTING_DOWN", "auth is stopping: call again"};
  return error;
}

}  // namespace

AuthService::AuthService(Logins& logins, Approvals& approvals, TokenBoard& board, rpc::Calls& calls,
                         Metrics& metrics, ActLog* acts)
    : logins_{logins},
      approvals_{approvals},
      board_{board},
      calls_{calls},
      metrics_{metrics},
      acts_{acts} {}

AuthService::~AuthService() {
  const std::lock_guard lock{mutex_};
  Check(watches_.empty(), "the server has ended every stream before its service dies");
}

void AuthService::Shutdown() {
  std::vector<std::shared_ptr<TokenWatch>> streams;
  {
    const std::lock_guard lock{mutex_};
    shutting_down_ = true;
    for (const auto& [raw, watch] : watches_) streams.push_back(watch.stream);
  }
  for (const auto& stream : streams) stream->Close(ShuttingDown());
}

void AuthService::CountLogin(const char* way, const Result<LoginStatus>& result) {
  if (result) {
    metrics_.CountLogin(way, "ok");
    spdlog::info("logged in way={} account={} kind={} seconds_to_expiry={} simulated={}", way,
                 result->account_id, NameOf(result->kind.value_or(TokenKind::kAccess)),
                 result->seconds_to_expiry, result->simulated);
  } else {
    metrics_.CountLogin(way, result.error().code == Code::kUnavailable ? "failed" : "refused");
  }
}

void AuthService::Note(const grpc::ServerContext& context, std::string_view action,
                       const LoginStatus& status, const std::string& request_id) {
  if (acts_ == nullptr) return;
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const bool noted =
      acts_->Note({.at_ms = now_ms.count(),
                   .actor = rpc::ActorOf(context),
                   .action = std::string{action},
                   .subject = status.account_id,
                   .detail = DetailOf({{"broker_user_id", status.broker_user_id},
                                       {"simulated", status.simulated ? "true" : "false"},
                                       {"request_id", request_id}})});
  if (!noted) {
    spdlog::error("act not in the audit action={} account={} by={}", action,
                  telemetry::Quoted(status.account_id), rpc::ActorOf(context));
  }
}

grpc::Status AuthService::BeginLogin(grpc::ServerContext* context,
                                     const v1alpha1::BeginLoginRequest* request,
                                     v1alpha1::BeginLoginResponse* response) {
  return calls_.Run(*context, "BeginLogin", [&](const std::string&) -> Result<void> {
    const auto login = logins_.Begin(request->account_id());
    if (!login) return login.error();
    response->set_login_url(login->login_url);
    response->set_state(login->state);
    response->set_expires_ms(login->expires_ms);
    return {};
  });
}

grpc::Status AuthService::CompleteLogin(grpc::ServerContext* context,
                                        const v1alpha1::CompleteLoginRequest* request,
                                        v1alpha1::TokenStatus* response) {
  return calls_.Run(*context, "CompleteLogin", [&](const std::string& id) -> Result<void> {
    const auto status = logins_.Complete(request->state(), Secret{request->code()});
    CountLogin("code", status);
    if (!status) return status.error();
    Note(*context, action::kLoginCompleted, *status, id);
    ToProto(*status, *response);
    return {};
  });
}

grpc::Status AuthService::RequestApproval(grpc::ServerContext* context,
                                          const v1alpha1::RequestApprovalRequest* request,
                                          v1alpha1::RequestApprovalResponse* response) {
  return calls_.Run(*context, "RequestApproval", [&](const std::string&) -> Result<void> {
    const auto started = approvals_.Request(request->account_id(), request->again());
    if (!started) return started.error();
    if (started->fresh) {
      spdlog::info("asked for consent account={} reaches_us={}", started->account_id,
                   started->reaches_us);
    }
    response->set_account_id(started->account_id);
    response->set_expires_ms(started->expires_ms);
    response->set_pending_before(!started->fresh);
    response->set_notifier_differs(!started->reaches_us);
    return {};
  });
}

grpc::Status AuthService::DeliverToken(grpc::ServerContext* context,
                                       const v1alpha1::DeliverTokenRequest* request,
                                       v1alpha1::TokenStatus* response) {
  return calls_.Run(*context, "DeliverToken", [&](const std::string& id) -> Result<void> {
    const auto status = approvals_.Deliver({.notifier_key = Secret{request->notifier_key()},
                                            .message_type = request->message_type(),
                                            .client_id = request->client_id(),
                                            .user_id = request->user_id(),
                                            .token_type = request->token_type(),
                                            .access_token = Secret{request->access_token()}});
    CountLogin("approved", status);
    if (!status) return status.error();
    Note(*context, action::kLoginCompleted, *status, id);
    ToProto(*status, *response);
    return {};
  });
}

grpc::Status AuthService::SubmitToken(grpc::ServerContext* context,
                                      const v1alpha1::SubmitTokenRequest* request,
                                      v1alpha1::TokenStatus* response) {
  return calls_.Run(*context, "SubmitToken", [&](const std::string& id) -> Result<void> {
    const auto kind = FromProto(request->kind());
    if (!kind) return kind.error();
    const auto status =
        logins_.Submit(request->account_id(), Secret{request->access_token()}, *kind);
    CountLogin("pasted", status);
    if (!status) return status.error();
    Note(*context, action::kTokenSubmitted, *status, id);
    ToProto(*status, *response);
    return {};
  });
}

grpc::Status AuthService::GetToken(grpc::ServerContext* context,
                                   const v1alpha1::GetTokenRequest* request,
                                   v1alpha1::Token* response) {
  return calls_.Run(*context, "GetToken", [&](const std::string&) -> Result<void> {
    const auto use = FromProto(request->use());
    if (!use) return use.error();
    const auto account = logins_.Resolve(request->account_id());
    if (!account) return account.error();
    const auto token = logins_.Get(*account, *use);
    if (!token) return token.error();
    ToProto(*token, *account, *response);
    return {};
  });
}

grpc::ServerWriteReactor<v1alpha1::TokenEvent>* AuthService::WatchToken(
    grpc::CallbackServerContext* context, const v1alpha1::WatchTokenRequest* request) {
  const auto stream = std::make_shared<TokenWatch>(calls_, rpc::RequestIdOf(*context));
  stream->Start([this, raw = stream.get()] { Forget(raw); });
  const auto account = logins_.Resolve(request->account_id());
  const auto use = FromProto(request->use());
  std::optional<Error> refused;
  {
    const std::lock_guard lock{mutex_};
    watches_[stream.get()] = {.stream = stream};
    if (shutting_down_) {
      refused = ShuttingDown();
    } else if (watches_.size() > kMaxWatches) {
      refused = Error{Code::kResourceExhausted, "TOO_MANY_WATCHERS",
                      "as many token streams as are allowed are open"};
    }
  }
  if (!refused && !account) refused = account.error();
  if (!refused && !use) refused = use.error();
  if (refused) {
    stream->Close(*refused);
    return stream.get();
  }
  // Holds the stream while the board may offer; Forget unwatches first.
  const auto id = board_.Watch(*account, *use, [stream, account = *account](const auto& view) {
    stream->Offer(ToEvent(view, account));
  });
  bool ended = false;
  {
    const std::lock_guard lock{mutex_};
    const auto found = watches_.find(stream.get());
    if (found == watches_.end()) {
      ended = true;  // the caller has gone meanwhile
    } else {
      found->second.board_id = id;
    }
  }
  if (ended) board_.Unwatch(id);
  metrics_.SetWatchers(static_cast<double>(board_.watchers()));
  return stream.get();
}

void AuthService::Forget(TokenWatch* stream) {
  Watch watch;
  {
    const std::lock_guard lock{mutex_};
    const auto found = watches_.find(stream);
    if (found == watches_.end()) return;
    watch = std::move(found->second);
    watches_.erase(found);
  }
  board_.Unwatch(watch.board_id);
  metrics_.SetWatchers(static_cast<double>(board_.watchers()));
}

grpc::Status AuthService::Logout(grpc::ServerContext* context,
                                 const v1alpha1::LogoutRequest* request,
                                 v1alpha1::TokenStatus* response) {
  return calls_.Run(*context, "Logout", [&](const std::string& id) -> Result<void> {
    const auto status = logins_.Logout(request->account_id());
    if (!status) {
      // The token is forgotten here all the same.
      const auto account = logins_.Resolve(request->account_id());
      if (account && status.error().reason == "BROKER_DOWN") {
        Note(*context, action::kLoggedOut, {.account_id = *account}, id);
      }
      return status.error();
    }
    Note(*context, action::kLoggedOut, *status, id);
    spdlog::info("logged out account={}", status->account_id);
    ToProto(*status, *response);
    return {};
  });
}

grpc::Status AuthService::GetStatus(grpc::ServerContext* context,
                                    const v1alpha1::GetStatusRequest* request,
                                    v1alpha1::TokenStatus* response) {
  return calls_.Run(*context, "GetStatus", [&](const std::string&) -> Result<void> {
    const auto status = logins_.Status(request->account_id());
    if (!status) return status.error();
    ToProto(*status, *response);
    return {};
  });
}

}  // namespace sauda::auth
