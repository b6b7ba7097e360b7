#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "services/auth/src/core/token.hpp"

namespace sauda::auth {

/// Where tokens and started logins are kept, shared by every replica. Thread-safe. Every call fails
/// with kUnavailable / VAULT_DOWN when it cannot be reached.
class Vault {
 public:
  virtual ~Vault() = default;

  /// What is kept of one account.
  struct Account {
    /// False: the vault never heard of it, or has lost everything. A log-out is remembered.
    bool known = false;
    std::vector<Token> tokens;        ///< expired ones too, in no order
    std::vector<TokenKind> unopened;  ///< there too, and our keys do not open them
  };

  /// Fails also with kFailedPrecondition / VAULT_KEY_WRONG: there are tokens, and our keys open
  /// none of them.
  virtual Result<Account> Read(const std::string& account_id) = 0;

  /// Replaces the account's token of that kind; gives the version it now has, higher than any
  /// before, also after the vault was lost. `token.version` is not looked at.
  virtual Result<std::uint64_t> Write(const std::string& account_id, const Token& token) = 0;

  /// Removes every token of an account.
  virtual Result<void> Erase(const std::string& account_id) = 0;

  /// Remembers for `life` that `state` was given out for an account.
  virtual Result<void> KeepState(const std::string& state, const std::string& account_id,
                                 std::chrono::milliseconds life) = 0;

  /// The account of a state, which is gone afterwards: of any number of callers, one gets it.
  /// Absent: never kept, taken, or too old.
  virtual Result<std::optional<std::string>> TakeState(const std::string& state) = 0;

  virtual Result<void> Ping() = 0;
};

/// What a code is exchanged for.
struct BrokerSession {
  Secret access_token;
  std::optional<Secret> extended_token;  ///< only accounts that have it
  std::string user_id;
  bool simulated = false;  ///< the answer came from a simulator, whatever the settings say
};

/// Whose token it is.
struct BrokerProfile {
  std::string user_id;
  bool simulated = false;  ///< as above
};

/// The broker's login. Thread-safe; calls block until their deadline at most. Every call that goes
/// to the broker fails with kUnavailable / BROKER_DOWN when that gives no usable answer.
class BrokerLogin {
 public:
  virtual ~BrokerLogin() = default;

  /// The dialog's address with `state` in it. Fails with kFailedPrecondition / CREDENTIALS_MISSING.
  virtual Result<std::string> DialogUrl(const std::string& state) = 0;

  /// Fails also with kUnauthenticated / CODE_REJECTED or CREDENTIALS_REJECTED, and
  /// kFailedPrecondition / CREDENTIALS_MISSING.
  virtual Result<BrokerSession> Exchange(const Secret& code) = 0;

  /// Fails also with kUnauthenticated / TOKEN_REJECTED.
  virtual Result<BrokerProfile> Profile(const Secret& access_token) = 0;

  /// A token that the broker does not know any more is logged out already.
  virtual Result<void> Logout(const Secret& access_token) = 0;

  /// Asks for nothing but an answer, from whose head the market clock learns the time.
  virtual Result<void> Ping() = 0;
};

/// Makes texts that nobody can guess. Thread-safe.
class StateSource {
 public:
  virtual ~StateSource() = default;
  /// At least 128 bits, in characters fit for an address.
  virtual std::string Next() = 0;
};

}  // namespace sauda::auth
