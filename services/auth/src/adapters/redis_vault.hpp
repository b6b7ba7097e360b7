#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/auth/src/adapters/vault_keyring.hpp"
#include "services/auth/src/core/ports.hpp"

namespace sauda::storage {
class Redis;
struct RedisReply;
}  // namespace sauda::storage

namespace sauda::auth {

/// The vault in Redis. An account is the hash `sauda:auth:account:<id>`: for each kind of token a
/// field `<kind>` with the sealed token and `<kind>.version`, and `version`, the highest ever. A
/// state is the key `sauda:auth:state:<state>`, which dies by itself; an account's pending approval
/// is the text `<expires_ms> <requested_ms> <id>` at `sauda:auth:approval:<id of the account>`,
/// also gone after two days. `redis` and `keyring` outlive it. A token that none of the keys opens
/// has them read anew, since another replica may have sealed it by a newer one. Thread-safe.
class RedisVault final : public Vault {
 public:
  RedisVault(storage::Redis& redis, VaultKeyring& keyring) : redis_{redis}, keyring_{keyring} {}

  Result<Account> Read(const std::string& account_id) override;
  Result<std::uint64_t> Write(const std::string& account_id, const Token& token) override;
  Result<void> Erase(const std::string& account_id) override;
  Result<void> KeepState(const std::string& state, const std::string& account_id,
                         std::chrono::milliseconds life) override;
  Result<std::optional<std::string>> TakeState(const std::string& state) override;
  Result<Approval> KeepApproval(const std::string& account_id, const Approval& approval,
                                std::int64_t now_ms, bool replace) override;
  Result<std::optional<Approval>> ReadApproval(const std::string& account_id) override;
  Result<void> DropApproval(const std::string& account_id, const std::string& id) override;
  Result<Resealed> Reseal() override;
  Result<void> Ping() override;

 private:
  Result<Token> OpenToken(const std::string& account_id, TokenKind kind, const std::string& sealed,
                          const std::string& version) const;

  /// The keys that know this text, read anew when those at hand do not.
  std::shared_ptr<const VaultCipher> CipherFor(const std::string& sealed) const;
  Result<void> ResealOne(const std::string& account_id, TokenKind kind, Resealed& done);

  storage::Redis& redis_;
  VaultKeyring& keyring_;
};

}  // namespace sauda::auth
