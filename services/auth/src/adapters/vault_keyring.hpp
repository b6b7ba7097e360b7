#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "services/auth/src/adapters/vault_cipher.hpp"

namespace sauda::auth {

/// The vault's keys of now, which can be read anew while tokens are sealed and opened. Whoever has
/// taken a cipher goes on with it. Thread-safe.
class VaultKeyring {
 public:
  /// Gives the keys, the one that seals first.
  using Source = std::function<Result<std::vector<Secret>>()>;

  /// Reads the keys for the first time. Fails as Reload does.
  static Result<std::unique_ptr<VaultKeyring>> Make(Source source);

  std::shared_ptr<const VaultCipher> cipher() const;

  /// Reads the keys anew. On a failure those of before stay. Fails with kInvalidArgument /
  /// VAULT_KEY_MALFORMED or kUnavailable / VAULT_KEY_UNREADABLE.
  Result<void> Reload();

  /// A source that reads a file: one key a line, the newest first; empty lines and lines that begin
  /// with # are none.
  static Source FromFile(std::string path);

 private:
  explicit VaultKeyring(Source source) : source_{std::move(source)} {}

  const Source source_;
  mutable std::mutex mutex_;
  std::shared_ptr<const VaultCipher> cipher_;  // guarded by mutex_; never null once made
};

}  // namespace sauda::auth
