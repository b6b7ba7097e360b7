#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/keys/api_key.hpp"
#include "services/auth/src/core/audit.hpp"

namespace sauda::auth {

/// A key as it is kept. Times are milliseconds since the Unix epoch, UTC.
struct ApiKey {
  keys::KnownKey known;
  std::string name;  ///< whose it is, for people; unique among keys that are not revoked
  std::int64_t created_ms = 0;
  std::string created_by;         ///< as Act::actor
  std::int64_t last_used_ms = 0;  ///< 0: never; some seconds late

  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

/// That a key was used.
struct KeyUse {
  std::string key_id;
  std::int64_t used_ms = 0;
};

/// Where keys are kept, shared by every replica. A change and its row in the audit are one: either
/// both are there or none. Thread-safe. Every call fails with kUnavailable / DATABASE_DOWN,
/// DATABASE_BUSY and whatever else storage::PgPool::Transact says.
class KeyStore {
 public:
  /// Most keys that are neither revoked nor expired.
  static constexpr std::int64_t kMostKeys = 1'000;

  virtual ~KeyStore() = default;

  /// A number that has risen when a key was made or revoked since, by whichever replica.
  virtual Result<std::int64_t> Version() = 0;

  /// Every key there ever was, oldest first.
  virtual Result<std::vector<ApiKey>> ReadAll() = 0;

  /// Fails also with kAlreadyExists / KEY_NAME_TAKEN, kResourceExhausted / TOO_MANY_KEYS.
  virtual Result<void> Insert(const ApiKey& key, const Act& act) = 0;

  /// The key as it is afterwards. One that is revoked already stays as it is, and gets no row.
  /// Fails also with kNotFound / KEY_NOT_FOUND.
  virtual Result<ApiKey> Revoke(std::string_view key_id, const Act& act) = 0;

  /// A use older than the one known changes nothing; so does that of a key that is not there.
  virtual Result<void> NoteUses(std::span<const KeyUse> uses) = 0;
};

}  // namespace sauda::auth
