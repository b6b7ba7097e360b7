#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/rpc/calls.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "services/auth/src/core/act_log.hpp"
#include "services/auth/src/core/approvals.hpp"
#include "services/auth/src/core/logins.hpp"
#include "services/auth/src/metrics.hpp"
#include "services/auth/src/rpc/token_watch.hpp"

namespace sauda::auth {

/// AuthService over Logins and the board. WatchToken is the callback API's, the rest blocks a
/// thread of gRPC's bounded pool while it asks Redis or the broker. All parts outlive it. What
/// changes a login is noted in `acts`, when there is one.
class AuthService final
    : public v1alpha1::AuthService::WithCallbackMethod_WatchToken<v1alpha1::AuthService::Service> {
 public:
  /// Most WatchToken streams open at once; more end with RESOURCE_EXHAUSTED / TOO_MANY_WATCHERS.
  static constexpr std::size_t kMaxWatches = 1'000;

  AuthService(Logins& logins, Approvals& approvals, TokenBoard& board, rpc::Calls& calls,
              Metrics& metrics, ActLog* acts = nullptr);
  ~AuthService() override;

  /// Ends every stream with UNAVAILABLE / SHUTTING_DOWN, and those still to come.
  void Shutdown();

  /// Counts a login that ended, and logs it when it went well. `way` as in Metrics::CountLogin.
  void CountLogin(const char* way, const Result<LoginStatus>& result);

  grpc::Status BeginLogin(grpc::ServerContext* context, const v1alpha1::BeginLoginRequest* request,
                          v1alpha1::BeginLoginResponse* response) override;
  grpc::Status CompleteLogin(grpc::ServerContext* context,
                             const v1alpha1::CompleteLoginRequest* request,
                             v1alpha1::TokenStatus* response) override;
  grpc::Status RequestApproval(grpc::ServerContext* context,
                               const v1alpha1::RequestApprovalRequest* request,
                               v1alpha1::RequestApprovalResponse* response) override;
  grpc::Status DeliverToken(grpc::ServerContext* context,
                            const v1alpha1::DeliverTokenRequest* request,
                            v1alpha1::TokenStatus* response) override;
  grpc::Status SubmitToken(grpc::ServerContext* context,
                           const v1alpha1::SubmitTokenRequest* request,
                           v1alpha1::TokenStatus* response) override;
  grpc::Status GetToken(grpc::ServerContext* context, const v1alpha1::GetTokenRequest* request,
                        v1alpha1::Token* response) override;
  grpc::ServerWriteReactor<v1alpha1::TokenEvent>* WatchToken(
      grpc::CallbackServerContext* context, const v1alpha1::WatchTokenRequest* request) override;
  grpc::Status Logout(grpc::ServerContext* context, const v1alpha1::LogoutRequest* request,
                      v1alpha1::TokenStatus* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1alpha1::GetStatusRequest* request,
                         v1alpha1::TokenStatus* response) override;

 private:
  struct Watch {
    std::shared_ptr<TokenWatch> stream;
    TokenBoard::WatchId board_id = 0;
  };

  void Note(const grpc::ServerContext& context, std::string_view action, const LoginStatus& status,
            const std::string& request_id);
  void Forget(TokenWatch* stream);

  Logins& logins_;
  Approvals& approvals_;
  TokenBoard& board_;
  rpc::Calls& calls_;
  Metrics& metrics_;
  ActLog* const acts_;
  std::mutex mutex_;
  // mutex_ guards the rest
  bool shutting_down_ = false;
  std::map<TokenWatch*, Watch> watches_;
};

}  // namespace sauda::auth
