#pragma once

#include <string>
#include <vector>

#include "services/auth/src/adapters/vault_cipher.hpp"
#include "services/auth/src/core/ports.hpp"

namespace sauda::storage {
class Redis;
struct RedisReply;
}  // namespace sauda::storage

namespace sauda::auth {

/// The vault in Redis. An account is the hash `sauda:auth:account:<id>`: for each kind of token a
/// field `<kind>` with the sealed token and `<kind>.version`, and `version`, the highest ever. A
/// state is the key `sauda:auth:state:<state>`, which dies by itself. `redis` and `cipher` outlive
/// it. Thread-safe.
class RedisVault final : public Vault {
 public:
  RedisVault(storage::Redis& redis, const VaultCipher& cipher) : redis_{redis}, cipher_{cipher} {}

  Result<Account> Read(const std::string& account_id) override;
  Result<std::uint64_t> Write(const std::string& account_id, const Token& token) override;
  Result<void> Erase(const std::string& account_id) override;
  Result<void> KeepState(const std::string& state, const std::string& account_id,
                         std::chrono::milliseconds life) override;
  Result<std::optional<std::string>> TakeState(const std::string& state) override;
  Result<void> Ping() override;

 private:
  Result<Token> OpenToken(const std::string& account_id, TokenKind kind, const std::string& sealed,
                          const std::string& version) const;

  storage::Redis& redis_;
  const VaultCipher& cipher_;
};

}  // namespace sauda::auth
