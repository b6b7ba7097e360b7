#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/auth/src/core/ports.hpp"

namespace sauda::auth {

/// A vault in memory that can be taken away and given back. Thread-safe.
class MemoryVault final : public Vault {
 public:
  void SetDown(bool down) {
    const std::lock_guard lock{mutex_};
    down_ = down;
  }
  /// As if Redis had lost everything.
  void Forget() {
    const std::lock_guard lock{mutex_};
    tokens_.clear();
    states_.clear();
  }
  /// As if the token of that kind had been sealed with another key; until it is written anew.
  void Lock(TokenKind kind) {
    const std::lock_guard lock{mutex_};
    locked_.insert(kind);
  }
  int reads() const {
    const std::lock_guard lock{mutex_};
    return reads_;
  }

  Result<Account> Read(const std::string& account_id) override {
    const std::lock_guard lock{mutex_};
    ++reads_;
    if (down_) return Down();
    const auto found = tokens_.find(account_id);
    if (found == tokens_.end()) return Account{};
    Account account{.known = true, .tokens = {}, .unopened = {}};
    for (const auto& [kind, token] : found->second) {
      if (locked_.contains(kind)) {
        account.unopened.push_back(kind);
      } else {
        account.tokens.push_back(token);
      }
    }
    if (account.tokens.empty() && !account.unopened.empty()) {
      return Error{Code::kFailedPrecondition, "VAULT_KEY_WRONG", "locked by the test"};
    }
    return account;
  }
  Result<std::uint64_t> Write(const std::string& account_id, const Token& token) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    Token kept = token;
    kept.version = ++version_;
    tokens_[account_id].insert_or_assign(token.kind, kept);
    locked_.erase(token.kind);
    return version_;
  }
  Result<void> Erase(const std::string& account_id) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    if (tokens_.contains(account_id)) tokens_[account_id].clear();
    return {};
  }
  /// States do not grow old here; their life belongs to the contract of Redis.
  Result<void> KeepState(const std::string& state, const std::string& account_id,
                         std::chrono::milliseconds /*life*/) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    states_[state] = account_id;
    return {};
  }
  Result<std::optional<std::string>> TakeState(const std::string& state) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    const auto found = states_.find(state);
    if (found == states_.end()) return std::optional<std::string>{};
    std::optional<std::string> account{found->second};
    states_.erase(found);
    return account;
  }
  Result<void> Ping() override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    return {};
  }

 private:
  static Error Down() { return {Code::kUnavailable, "VAULT_DOWN", "taken away by the test"}; }

  mutable std::mutex mutex_;
  // mutex_ guards the rest
  bool down_ = false;
  int reads_ = 0;
  std::uint64_t version_ = 0;
  std::map<std::string, std::map<TokenKind, Token>> tokens_;
  std::map<std::string, std::string> states_;
  std::set<TokenKind> locked_;
};

}  // namespace sauda::auth
