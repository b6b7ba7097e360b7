#pragma once

#include "libs/rpc/calls.hpp"
#include "sauda/auth/v1alpha1/vault.grpc.pb.h"
#include "services/auth/src/core/ports.hpp"

namespace sauda::auth {

/// VaultService over the vault. Blocks a thread of gRPC's bounded pool while it asks Redis. All
/// parts outlive it.
class VaultService final : public v1alpha1::VaultService::Service {
 public:
  VaultService(Vault& vault, rpc::Calls& calls) : vault_{vault}, calls_{calls} {}

  grpc::Status RotateVault(grpc::ServerContext* context,
                           const v1alpha1::RotateVaultRequest* request,
                           v1alpha1::RotateVaultResponse* response) override;

 private:
  Vault& vault_;
  rpc::Calls& calls_;
};

}  // namespace sauda::auth
