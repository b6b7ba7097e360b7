#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "services/auth/src/core/accounts.hpp"
#include "services/auth/src/core/logins.hpp"

namespace sauda::auth {

/// A request that waits for consent, as told to the one who asked.
struct StartedApproval {
  std::string account_id;
  std::int64_t expires_ms = 0;  ///< by the market clock
  bool fresh = true;            ///< false: it was pending before, and nobody was asked again
  bool reaches_us = true;       ///< false: the app's notifier URL at the broker is not ours
};

/// What the broker sends to the notifier when the person has consented (upstox-api.md 1.4).
struct ApprovalNotice {
  Secret notifier_key;  ///< of the path it came by
  std::string message_type;
  std::string client_id;
  std::string user_id;
  std::string token_type;
  Secret access_token;
};

/// The rules of the login without a browser: the broker is asked for a token, the person consents
/// in its app, and the token comes to the notifier. Of an account one request is pending at a time,
/// on whichever replica, until it is consented to, replaced, or dead at 03:30 IST; a rejection is
/// not told. Thread-safe; calls block as long as the ports do.
class Approvals {
 public:
  /// What it needs; all of it outlives it.
  struct Parts {
    const Accounts& accounts;
    Logins& logins;
    Vault& vault;
    StateSource& states;
    TokenBoard& board;
    const TokenClock& market;
  };

  explicit Approvals(Parts parts) : parts_{parts} {}

  /// Asks for consent, unless a request is pending and `again` is false. Fails with kNotFound /
  /// ACCOUNT_UNKNOWN, kFailedPrecondition / NOTIFIER_MISSING, kUnavailable / CLOCK_UNKNOWN, and
  /// whatever the ports fail with.
  Result<StartedApproval> Request(const std::string& account_id, bool again);

  /// Takes the token of a notice, once it is proven. The same notice again is answered alike. Fails
  /// with kNotFound / NOTIFIER_UNKNOWN, kInvalidArgument / NOTICE_MALFORMED, kPermissionDenied /
  /// NOTICE_MISMATCH or WRONG_USER, kFailedPrecondition / NO_REQUEST_PENDING, kUnauthenticated /
  /// TOKEN_REJECTED or TOKEN_EXPIRED, and whatever the ports fail with. After BROKER_DOWN the token
  /// is remembered, and Retry goes on.
  Result<LoginStatus> Deliver(const ApprovalNotice& notice);

  /// Proves what could not be proven before; called every now and then. Gives the logins that came
  /// of it, failed ones too.
  std::vector<Result<LoginStatus>> Retry();

 private:
  Result<LoginStatus> Prove(const Account& account, const Approval& pending,
                            const ApprovalNotice& notice);
  /// The pending request that lives, or NO_REQUEST_PENDING.
  Result<Approval> Pending(const Account& account);
  bool IsCurrent(const Account& account, const Secret& token) const;

  const Parts parts_;
  std::mutex mutex_;  // one notice at a time: the broker may send it twice
  std::map<std::string, ApprovalNotice> unproven_;  // by account; guarded by mutex_
};

}  // namespace sauda::auth
