#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "libs/base/market_clock.hpp"
#include "services/auth/src/core/ports.hpp"

namespace sauda::auth {

/// A broker in memory: knows the codes and tokens that a test gave it. Every answer tells the
/// market clock the time, as the real adapter does. Thread-safe.
class FakeBrokerLogin final : public BrokerLogin {
 public:
  FakeBrokerLogin(MarketClock& market, const Clock& clock) : market_{market}, clock_{clock} {}

  void AddCode(const std::string& code, BrokerSession session) {
    const std::lock_guard lock{mutex_};
    tokens_.insert_or_assign(session.access_token.Reveal(), session.user_id);
    codes_.insert_or_assign(code, std::move(session));
  }
  void AddToken(const std::string& token, const std::string& user_id = "4ABC") {
    const std::lock_guard lock{mutex_};
    tokens_.insert_or_assign(token, user_id);
  }
  bool Knows(const std::string& token) const {
    const std::lock_guard lock{mutex_};
    return tokens_.contains(token);
  }
  void SetDown(bool down) { down_ = down; }
  /// Called inside Exchange, so that a test can hold it there.
  void OnExchange(std::function<void()> hook) { on_exchange_ = std::move(hook); }
  int exchanges() const { return exchanges_; }
  int approvals_asked() const { return approvals_asked_; }
  /// What the broker answers to a request for consent.
  void AnswerApproval(ApprovalAnswer answer) { approval_answer_ = std::move(answer); }

  Result<std::string> DialogUrl(const std::string& state) override {
    return "https://broker.test/dialog?state=" + state;
  }
  Result<BrokerSession> Exchange(const Secret& code) override {
    ++exchanges_;
    if (on_exchange_) on_exchange_();
    if (down_) return Down();
    market_.Observe(clock_.UtcNs() / 1'000'000);
    const std::lock_guard lock{mutex_};
    const auto found = codes_.find(code.Reveal());
    if (found == codes_.end()) {
      return Error{Code::kUnauthenticated, "CODE_REJECTED", "the broker refused the code"};
    }
    auto session = std::move(found->second);
    codes_.erase(found);
    return session;
  }
  Result<ApprovalAnswer> RequestApproval() override {
    ++approvals_asked_;
    if (down_) return Down();
    market_.Observe(clock_.UtcNs() / 1'000'000);
    return approval_answer_;
  }
  Result<BrokerProfile> Prove(const Secret& token, TokenKind /*kind*/) override {
    if (down_) return Down();
    market_.Observe(clock_.UtcNs() / 1'000'000);
    const std::lock_guard lock{mutex_};
    const auto found = tokens_.find(token.Reveal());
    if (found == tokens_.end()) {
      return Error{Code::kUnauthenticated, "TOKEN_REJECTED", "the broker refused the token"};
    }
    return BrokerProfile{.user_id = found->second};
  }
  Result<void> Logout(const Secret& access_token) override {
    if (down_) return Down();
    const std::lock_guard lock{mutex_};
    tokens_.erase(access_token.Reveal());
    return {};
  }
  Result<void> Ping() override {
    if (down_) return Down();
    market_.Observe(clock_.UtcNs() / 1'000'000);
    return {};
  }

 private:
  static Error Down() { return {Code::kUnavailable, "BROKER_DOWN", "taken away by the test"}; }

  MarketClock& market_;
  const Clock& clock_;
  std::atomic<bool> down_ = false;
  std::atomic<int> exchanges_ = 0;
  std::atomic<int> approvals_asked_ = 0;
  ApprovalAnswer approval_answer_;     // set before any thread calls
  std::function<void()> on_exchange_;  // set before any thread calls
  mutable std::mutex mutex_;
  std::map<std::string, BrokerSession> codes_;  // guarded by mutex_
  std::map<std::string, std::string> tokens_;   // and their users; guarded by mutex_
};

/// states are "state1", "state2", ... Not thread-safe.
class CountingStates final : public StateSource {
 public:
  std::string Next() override { return "state" + std::to_string(++count_); }

 private:
  int count_ = 0;
};

}  // namespace sauda::auth
