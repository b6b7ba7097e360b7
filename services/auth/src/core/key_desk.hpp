#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "services/auth/src/core/key_board.hpp"
#include "services/auth/src/core/key_store.hpp"

namespace sauda::auth {

/// Bytes that nobody can guess. Thread-safe.
class RandomBytes {
 public:
  virtual ~RandomBytes() = default;
  virtual void Fill(std::span<std::uint8_t> bytes) = 0;
};

/// A key that is asked for.
struct NewKey {
  std::string name;  ///< 1 to 64 bytes of UTF-8 without control characters
  keys::Scopes scopes;
  std::vector<std::string> accounts;  ///< empty: all; at most kMostAccounts
  std::int64_t expires_ms = 0;        ///< 0: never
};

/// A key that was made. Its text is nowhere else, and never will be again.
struct CreatedKey {
  ApiKey key;
  Secret text;
};

/// The rules of making and ending keys. Failures of the store are passed on. Thread-safe; every
/// function blocks as long as the store does.
class KeyDesk {
 public:
  static constexpr std::size_t kMostAccounts = 32;
  /// For so long a key that is over is told apart from one that never was.
  static constexpr std::int64_t kRememberedMs = std::int64_t{90} * 24 * 3'600 * 1'000;

  /// What it needs; all of it outlives it.
  struct Parts {
    KeyStore& store;
    KeyBoard& board;
    RandomBytes& random;
    const Clock& clock;
  };

  explicit KeyDesk(Parts parts) : parts_{parts} {}

  /// Fails also with kInvalidArgument / KEY_NAME_INVALID, SCOPES_MISSING, ACCOUNT_INVALID,
  /// TOO_MANY_ACCOUNTS, EXPIRY_PAST; kAlreadyExists / KEY_NAME_TAKEN; kResourceExhausted /
  /// TOO_MANY_KEYS. Followers know the key before this returns.
  Result<CreatedKey> Create(const NewKey& wanted, const std::string& actor);

  /// From here on nobody is let in with it; repeating it changes nothing. Fails also with kNotFound
  /// / KEY_NOT_FOUND.
  Result<ApiKey> Revoke(const std::string& key_id, const std::string& actor);

  /// A page of the keys, newest first, and the token of the next; empty: there is none. `token` is
  /// that of the page before, or empty. Fails with kInvalidArgument / PAGE_TOKEN_INVALID.
  struct Page {
    std::vector<ApiKey> keys;
    std::string next;
  };
  Result<Page> List(std::size_t size, const std::string& token);

  /// Times in the future count as now.
  Result<void> NoteUses(std::vector<KeyUse> uses);

  /// Looks whether keys have changed, by whichever replica, and tells the followers; called every
  /// half second or so.
  Result<void> Refresh();

  std::int64_t NowMs() const { return parts_.clock.UtcNs() / 1'000'000; }

 private:
  Result<void> RefreshLocked();

  const Parts parts_;
  std::mutex mutex_;                     // one change or look at a time: none overtakes a newer one
  std::optional<std::int64_t> version_;  // of what the board has; guarded by mutex_
};

}  // namespace sauda::auth
