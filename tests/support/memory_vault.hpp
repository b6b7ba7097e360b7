#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
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
  /// Called at the end of each Read, outside the vault's mutex: what is read is settled then. Set
  /// before any thread calls.
  void OnRead(std::function<void()> hook) { on_read_ = std::move(hook); }
  int reads() const {
    const std::lock_guard lock{mutex_};
    return reads_;
  }

  Result<Account> Read(const std::string& account_id) override {
    auto account = ReadNow(account_id);
    if (on_read_) on_read_();
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
  Result<Approval> KeepApproval(const std::string& account_id, const Approval& approval,
                                std::int64_t now_ms, bool replace) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    const auto found = approvals_.find(account_id);
    if (found != approvals_.end() && !replace && found->second.expires_ms > now_ms) {
      return found->second;
    }
    approvals_[account_id] = approval;
    return approval;
  }
  Result<std::optional<Approval>> ReadApproval(const std::string& account_id) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    const auto found = approvals_.find(account_id);
    if (found == approvals_.end()) return std::optional<Approval>{};
    return std::optional{found->second};
  }
  Result<void> DropApproval(const std::string& account_id, const std::string& id) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    const auto found = approvals_.find(account_id);
    if (found != approvals_.end() && found->second.id == id) approvals_.erase(found);
    return {};
  }
  /// Nothing is sealed here: every value counts as sealed by the newest key.
  Result<Resealed> Reseal() override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    Resealed done{.key_ids = {"memory"}};
    for (const auto& [account, tokens] : tokens_) done.current += tokens.size();
    return done;
  }
  Result<void> Ping() override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    return {};
  }

 private:
  Result<Account> ReadNow(const std::string& account_id) {
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
  static Error Down() { return {Code::kUnavailable, "VAULT_DOWN", "taken away by the test"}; }

  std::function<void()> on_read_;
  mutable std::mutex mutex_;
  // mutex_ guards the rest
  bool down_ = false;
  int reads_ = 0;
  std::uint64_t version_ = 0;
  std::map<std::string, std::map<TokenKind, Token>> tokens_;
  std::map<std::string, std::string> states_;
  std::map<std::string, Approval> approvals_;
  std::set<TokenKind> locked_;
};

}  // namespace sauda::auth
