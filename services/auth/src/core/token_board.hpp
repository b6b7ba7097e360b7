#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "libs/base/result.hpp"
#include "services/auth/src/core/token.hpp"

namespace sauda::auth {

/// The market clock as token life needs it: whether it can be trusted yet.
class TokenClock {
 public:
  /// `waits_for_broker`: the time is the simulator's and unknown until it has told it.
  TokenClock(const MarketClock& market, bool waits_for_broker)
      : market_{market}, waits_for_broker_{waits_for_broker} {}

  /// Milliseconds since the Unix epoch, UTC; absent until the simulator has told it.
  std::optional<std::int64_t> NowMs() const {
    if (waits_for_broker_ && !market_.offset_ms()) return std::nullopt;
    return market_.NowMs();
  }

 private:
  const MarketClock& market_;
  const bool waits_for_broker_;
};

/// The newest tokens of every account, in memory, and who follows them. What the vault says is
/// brought here by Update; a token's end by the clock is noticed by Publish and by every look.
/// Thread-safe.
class TokenBoard {
 public:
  /// A token to use, or the reason why there is none: TOKEN_MISSING, TOKEN_EXPIRED, LOGGED_OUT.
  using View = Result<Token>;
  /// Called with the first view that is known and with every one that differs from the last, in
  /// order, one call at a time, under the board's mutex: it may neither block nor call back.
  using Listener = std::function<void(const View&)>;
  using WatchId = std::uint64_t;

  explicit TokenBoard(const TokenClock& clock) : clock_{clock} {}

  /// What the vault holds for an account now, all of it.
  void Update(const std::string& account_id, std::vector<Token> tokens);

  /// Tells followers about tokens that have died meanwhile.
  void Publish();

  /// Fails with kUnauthenticated / TOKEN_MISSING, TOKEN_EXPIRED or LOGGED_OUT, or kUnavailable /
  /// CLOCK_UNKNOWN. Absent: the vault was never read for this account.
  std::optional<View> Look(const std::string& account_id, TokenUse use) const;

  /// Every token of an account, dead ones too; absent as with Look.
  std::optional<std::vector<Token>> All(const std::string& account_id) const;

  WatchId Watch(const std::string& account_id, TokenUse use, Listener listener);

  /// After it, the listener is not called again.
  void Unwatch(WatchId id);

  std::size_t watchers() const;

 private:
  struct Account {
    std::vector<Token> tokens;
    bool had_token = false;  ///< so their absence is a log-out
  };
  struct Watcher {
    std::string account_id;
    TokenUse use = TokenUse::kMarketData;
    Listener listener;
    std::optional<View> last;
  };

  std::optional<View> LookLocked(const std::string& account_id, TokenUse use) const;
  void PublishLocked();

  const TokenClock& clock_;
  mutable std::mutex mutex_;
  // mutex_ guards the rest
  std::map<std::string, Account> accounts_;
  std::map<WatchId, Watcher> watchers_;
  WatchId last_id_ = 0;
};

}  // namespace sauda::auth
