#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/result.hpp"
#include "services/auth/src/core/accounts.hpp"
#include "services/auth/src/core/ports.hpp"
#include "services/auth/src/core/token_board.hpp"

namespace sauda::auth {

/// A code login that was begun.
struct StartedLogin {
  std::string login_url;
  std::string state;
  std::int64_t expires_ms = 0;  ///< of the state, by the wall clock
};

/// How an account's login stands.
struct LoginStatus {
  enum class State : std::uint8_t { kLoggedIn, kExpired, kLoggedOut };

  std::string account_id;
  State state = State::kLoggedOut;
  std::optional<TokenKind> kind;  ///< absent when logged out
  std::string broker_user_id;     ///< empty when logged out
  std::int64_t expires_ms = 0;    ///< by the market clock
  std::int64_t seconds_to_expiry = 0;
  bool simulated = false;  ///< the broker is the simulator

  /// How long orders can be placed yet: the others only read the market, however long they live.
  std::int64_t access_seconds() const { return kind == TokenKind::kAccess ? seconds_to_expiry : 0; }
};

/// The rules of logging in and out, and of handing tokens out. An empty account id means the only
/// account; any function that takes one may fail with kNotFound / ACCOUNT_UNKNOWN. Whatever takes a
/// token may fail with kPermissionDenied / WRONG_USER. Failures of the ports are passed on.
/// Thread-safe; functions that ask a port block as long as that does.
class Logins {
 public:
  /// What a Logins needs; all of it outlives it.
  struct Parts {
    const Accounts& accounts;
    Vault& vault;
    StateSource& states;
    TokenBoard& board;
    const TokenClock& market;
    const Clock& clock;
  };

  struct Options {
    bool simulated = false;
    std::chrono::milliseconds state_life{600'000};
  };

  Logins(Parts parts, Options options) : parts_{parts}, options_{std::move(options)} {}

  Result<StartedLogin> Begin(const std::string& account_id);

  /// The state works once. Whoever repeats the same call while it is under way gets its result.
  /// Fails also with kInvalidArgument / CODE_MISSING or STATE_MISSING, and kUnauthenticated /
  /// STATE_UNKNOWN.
  Result<LoginStatus> Complete(const std::string& state, const Secret& code);

  /// Fails also with kInvalidArgument / TOKEN_MALFORMED, kUnauthenticated / TOKEN_EXPIRED.
  Result<LoginStatus> Submit(const std::string& account_id, const Secret& token, TokenKind kind);

  /// Keeps a token that the broker has proven to be `profile`'s. Fails also with kUnauthenticated /
  /// TOKEN_EXPIRED and kUnavailable / CLOCK_UNKNOWN.
  Result<LoginStatus> Take(const Account& account, const Secret& token, TokenKind kind,
                           const BrokerProfile& profile);

  /// A valid token. Looks into the vault before it refuses; of any number of callers at once, one
  /// looks. Fails also with kUnauthenticated / TOKEN_MISSING or TOKEN_EXPIRED, and kUnavailable /
  /// CLOCK_UNKNOWN.
  Result<Token> Get(const std::string& account_id, TokenUse use);

  /// Forgets the tokens, then ends the session at the broker.
  Result<LoginStatus> Logout(const std::string& account_id);

  Result<LoginStatus> Status(const std::string& account_id);

  /// Reads the vault anew for every account and tells the followers; called every second or so.
  /// Fails with VAULT_KEY_WRONG, after taking the others, when some token there does not open.
  Result<void> Refresh();

  /// The account meant, or ACCOUNT_UNKNOWN.
  Result<std::string> Resolve(const std::string& account_id) const;

  const Accounts& accounts() const { return parts_.accounts; }

 private:
  /// A Complete under way, for whoever repeats it.
  struct Flight {
    Secret code;
    std::optional<Result<LoginStatus>> result;  // guarded by flights_mutex_
  };

  /// The vault's reads for one account, shared by those who wait for one.
  struct Reads {
    std::uint64_t begun = 0;
    std::uint64_t done = 0;
    bool running = false;
    Result<std::vector<TokenKind>> outcome;  // of the newest done
  };

  Result<LoginStatus> CompleteOnce(const std::string& state, const Secret& code);
  /// RefreshOne, once for all who ask while one is under way: each gets a read that began after it
  /// had asked.
  Result<std::vector<TokenKind>> RefreshShared(const std::string& account_id);
  /// Gives the kinds in the vault that do not open; of those, the board keeps what it has.
  Result<std::vector<TokenKind>> RefreshOne(const std::string& account_id);
  Result<void> Keep(const std::string& account_id, Token token);
  Result<std::int64_t> MarketNowMs() const;
  LoginStatus Describe(const std::string& account_id, const std::vector<Token>& tokens) const;

  const Parts parts_;
  const Options options_;
  std::mutex refresh_mutex_;  // one read of the vault at a time, so that none overtakes a newer one
  std::mutex flights_mutex_;
  std::condition_variable landed_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;  // guarded by flights_mutex_
  std::map<std::string, Reads> reads_;                      // guarded by flights_mutex_
};

}  // namespace sauda::auth
