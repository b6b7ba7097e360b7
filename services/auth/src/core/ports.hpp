#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "services/auth/src/core/token.hpp"

namespace sauda::auth {

/// A token that the broker was asked for and that waits for the person's consent in its app.
struct Approval {
  std::string id;                 ///< tells one request from the next; no secret
  std::int64_t requested_ms = 0;  ///< by the market clock, milliseconds since the Unix epoch, UTC
  std::int64_t expires_ms = 0;    ///< the same: 03:30 IST at the latest

  friend bool operator==(const Approval&, const Approval&) = default;
};

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

  /// Makes `approval` the account's pending one, unless another is pending that lives at `now_ms`
  /// and `replace` is false. Gives the one that is pending afterwards.
  virtual Result<Approval> KeepApproval(const std::string& account_id, const Approval& approval,
                                        std::int64_t now_ms, bool replace) = 0;

  /// The account's pending one, a dead one too; absent without one.
  virtual Result<std::optional<Approval>> ReadApproval(const std::string& account_id) = 0;

  /// Forgets the pending one if it still has this id.
  virtual Result<void> DropApproval(const std::string& account_id, const std::string& id) = 0;

  /// What Reseal did, in sealed values.
  struct Resealed {
    std::size_t changed = 0;   ///< sealed anew, by the key that seals now
    std::size_t current = 0;   ///< were sealed by it already
    std::size_t unopened = 0;  ///< no key of ours opens them: left as they are
    std::size_t raced = 0;     ///< tries that a write in between made void; done again since
    std::vector<std::string> key_ids;  ///< the one that seals first
  };

  /// Reads the keys anew and seals every value, of whatever account, by the one that seals now.
  /// What is written meanwhile stays, and versions do not change. Fails also with kInvalidArgument
  /// / VAULT_KEY_MALFORMED, kUnavailable / VAULT_KEY_UNREADABLE, and kAborted / VAULT_BUSY: a value
  /// was written again and again.
  virtual Result<Resealed> Reseal() = 0;

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
  std::string user_id;     ///< empty: this kind of token may not ask, and does not say
  bool simulated = false;  ///< as above
};

/// What a request for the person's consent is answered with.
struct ApprovalAnswer {
  std::int64_t expires_ms = 0;  ///< when it dies unanswered; 0: not said
  std::string notifier_url;     ///< registered with the app; holds our key, so it is never shown
};

/// One broker user's login, under the credentials of its app. Thread-safe; calls block until their
/// deadline at most. Every call that goes to the broker fails with kUnavailable / BROKER_DOWN when
/// that gives no usable answer. Those under our credentials also fail with kFailedPrecondition /
/// CREDENTIALS_MISSING, with kUnauthenticated / CREDENTIALS_REJECTED, REDIRECT_REJECTED,
/// CLIENT_INACTIVE or NO_ACTIVE_SEGMENT, and kPermissionDenied / STATIC_IP_REFUSED.
class BrokerLogin {
 public:
  virtual ~BrokerLogin() = default;

  /// The dialog's address with `state` in it; asks nobody.
  virtual Result<std::string> DialogUrl(const std::string& state) = 0;

  /// Under our credentials. Fails also with kUnauthenticated / CODE_REJECTED.
  virtual Result<BrokerSession> Exchange(const Secret& code) = 0;

  /// Asks the person for consent in the broker's app, under our credentials; the token comes to
  /// the notifier.
  virtual Result<ApprovalAnswer> RequestApproval() = 0;

  /// Proves a token by a call that its kind may make, and says whose it is. Fails also with
  /// kUnauthenticated / TOKEN_REJECTED or CLIENT_INACTIVE, and kPermissionDenied /
  /// STATIC_IP_REFUSED.
  virtual Result<BrokerProfile> Prove(const Secret& token, TokenKind kind) = 0;

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
