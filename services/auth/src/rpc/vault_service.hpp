#pragma once

#include "libs/rpc/calls.hpp"
#include "sauda/auth/v1alpha1/vault.grpc.pb.h"
#include "services/auth/src/core/act_log.hpp"
#include "services/auth/src/core/ports.hpp"

namespace sauda::auth {

/// VaultService over the vault. Blocks a thread of gRPC's bounded pool while it asks Redis. All
/// parts outlive it.
class VaultService final : public v1alpha1::VaultService::Service {
 public:
  /// `acts` null: rotations are in no audit.
  VaultService(Vault& vault, rpc::Calls& calls, ActLog* acts = nullptr)
      : vault_{vault}, calls_{calls}, acts_{acts} {}

  grpc::Status RotateVault(grpc::ServerContext* context,
                           const v1alpha1::RotateVaultRequest* request,
                           v1alpha1::RotateVaultResponse* response) override;

 private:
  Vault& vault_;
  rpc::Calls& calls_;
  ActLog* const acts_;
};

}  // namespace sauda::auth
