#pragma once

#include <string>

#include "libs/rpc/calls.hpp"
#include "sauda/orders/v1alpha1/kill.grpc.pb.h"
#include "services/orders/src/core/kill/kill.hpp"

namespace sauda::orders {

/// The rpcs of kill.proto. Its calls block for the disk at most. All parts outlive it.
class KillService final : public v1alpha1::KillService::Service {
 public:
  KillService(orders::Kill& kill, rpc::Calls& calls, std::string account_id)
      : kill_{kill}, calls_{calls}, account_id_{std::move(account_id)} {}

  grpc::Status Kill(grpc::ServerContext* context, const v1alpha1::KillRequest* request,
                    v1alpha1::KillStatus* response) override;
  grpc::Status GetKillStatus(grpc::ServerContext* context,
                             const v1alpha1::GetKillStatusRequest* request,
                             v1alpha1::KillStatus* response) override;
  grpc::Status BeginRearm(grpc::ServerContext* context, const v1alpha1::BeginRearmRequest* request,
                          v1alpha1::BeginRearmResponse* response) override;
  grpc::Status Rearm(grpc::ServerContext* context, const v1alpha1::RearmRequest* request,
                     v1alpha1::KillStatus* response) override;
  grpc::Status KeepAlive(grpc::ServerContext* context, const v1alpha1::KeepAliveRequest* request,
                         v1alpha1::KillStatus* response) override;

 private:
  Result<void> CheckAccount(const std::string& asked) const;
  void Show(v1alpha1::KillStatus* response) const;

  orders::Kill& kill_;
  rpc::Calls& calls_;
  const std::string account_id_;
};

}  // namespace sauda::orders
