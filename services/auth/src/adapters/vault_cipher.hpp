#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"

namespace sauda::auth {

/// AES-256-GCM under keys of ours: the first seals, all open, so that a key can be replaced while
/// what the old one sealed lives on. A sealed text is
///
///   1 byte format (1) | 8 bytes key id | 12 bytes fresh nonce | the text, encrypted | 16 bytes tag
///
/// and its key id and the caller's `bound` text are authenticated with it: a sealed text moved to
/// another place does not open. Thread-safe.
class VaultCipher {
 public:
  /// Keys as text: base64 of 32 bytes each, at least one. Fails with kInvalidArgument /
  /// VAULT_KEY_MALFORMED.
  static Result<VaultCipher> FromKeys(const std::vector<Secret>& keys);

  /// The ids of our keys in hexadecimal, the one that seals first. They say nothing of the keys.
  std::vector<std::string> key_ids() const;

  /// Whether a key of ours sealed this text; and whether it was the one that seals now.
  bool Knows(std::string_view sealed) const;
  bool IsCurrent(std::string_view sealed) const;

  Result<std::string> Seal(const Secret& text, std::string_view bound) const;

  /// Fails with kFailedPrecondition / VAULT_KEY_WRONG: no key of ours sealed it, it was changed, or
  /// it was bound to something else.
  Result<Secret> Open(std::string_view sealed, std::string_view bound) const;

 private:
  struct Key {
    std::string id;
    Secret bytes;
  };

  /// The key that sealed this text; null when it is none of ours, or the text is no sealed one.
  const Key* KeyOf(std::string_view sealed) const;
  explicit VaultCipher(std::vector<Key> keys) : keys_{std::move(keys)} {}

  std::vector<Key> keys_;
};

}  // namespace sauda::auth
