#pragma once

#include "libs/rpc/calls.hpp"
#include "sauda/auth/v1alpha1/account.grpc.pb.h"
#include "services/auth/src/core/broker_account.hpp"
#include "services/auth/src/core/logins.hpp"

namespace sauda::auth {

/// AccountService over the broker's account calls, with the account's own access token. Blocks a
/// thread of gRPC's bounded pool while it asks the broker. All parts outlive it.
class AccountService final : public v1alpha1::AccountService::Service {
 public:
  AccountService(Logins& logins, BrokerAccount& broker, rpc::Calls& calls)
      : logins_{logins}, broker_{broker}, calls_{calls} {}

  grpc::Status GetProfile(grpc::ServerContext* context, const v1alpha1::GetProfileRequest* request,
                          v1alpha1::Profile* response) override;
  grpc::Status GetFunds(grpc::ServerContext* context, const v1alpha1::GetFundsRequest* request,
                        v1alpha1::Funds* response) override;
  grpc::Status GetStaticIp(grpc::ServerContext* context,
                           const v1alpha1::GetStaticIpRequest* request,
                           v1alpha1::StaticIp* response) override;
  grpc::Status GetKillSwitch(grpc::ServerContext* context,
                             const v1alpha1::GetKillSwitchRequest* request,
                             v1alpha1::KillSwitch* response) override;

 private:
  /// One rpc: the account's access token, what `call` has of the broker with it, and what `encode`
  /// makes of the answer.
  template <typename Call, typename Answer, typename Response>
  grpc::Status Ask(grpc::ServerContext* context, const char* method, const std::string& account_id,
                   const Call& call, void (*encode)(const Answer&, Response&), Response* response);

  Logins& logins_;
  BrokerAccount& broker_;
  rpc::Calls& calls_;
};

}  // namespace sauda::auth
