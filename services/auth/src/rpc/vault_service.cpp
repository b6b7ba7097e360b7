#include "services/auth/src/rpc/vault_service.hpp"

#include <chrono>
#include <string>

#include <spdlog/spdlog.h>

#include "libs/rpc/actor.hpp"

namespace sauda::auth {

grpc::Status VaultService::RotateVault(grpc::ServerContext* context,
                                       const v1alpha1::RotateVaultRequest* /*request*/,
                                       v1alpha1::RotateVaultResponse* response) {
  return calls_.Run(*context, "RotateVault", [&](const std::string& request_id) -> Result<void> {
    const auto done = vault_.Reseal();
    if (!done) return done.error();
    spdlog::info("vault rotated request_id={} resealed={} current={} unopened={} key={}",
                 request_id, done->changed, done->current, done->unopened, done->key_ids.front());
    if (acts_ != nullptr) {
      const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::system_clock::now().time_since_epoch());
      const bool noted =
          acts_->Note({.at_ms = now_ms.count(),
                       .actor = rpc::ActorOf(*context),
                       .action = std::string{action::kVaultRotated},
                       .subject = done->key_ids.front(),
                       .detail = DetailOf({{"resealed", std::to_string(done->changed)},
                                           {"request_id", request_id}})});
      if (!noted) spdlog::error("act not in the audit action={}", action::kVaultRotated);
    }
    response->set_resealed(static_cast<std::int64_t>(done->changed));
    response->set_current(static_cast<std::int64_t>(done->current));
    response->set_unopened(static_cast<std::int64_t>(done->unopened));
    response->set_raced(static_cast<std::int64_t>(done->raced));
    for (const auto& id : done->key_ids) response->add_key_ids(id);
    return {};
  });
}

}  // namespace sauda::auth
