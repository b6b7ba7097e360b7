#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "services/feed/src/core/alerts/alert_store.hpp"

namespace sauda::feed {

/// An AlertStore in memory; may be away, or fail after it has kept what it was given. Thread-safe.
class MemoryAlertStore final : public AlertStore {
 public:
  Result<KeptAlerts> Load() override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    KeptAlerts kept;
    for (const auto& [id, rule] : rules_) kept.rules.push_back(rule);
    for (const auto& [id, webhook] : webhooks_) kept.webhooks.push_back(webhook);
    return kept;
  }
  Result<void> Save(const AlertChanges& changes) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    for (const AlertRule& rule : changes.put) rules_.insert_or_assign(rule.id, rule);
    for (const std::string& id : changes.remove) rules_.erase(id);
    for (const Webhook& each : changes.put_webhooks) webhooks_.insert_or_assign(each.id, each);
    for (const std::string& id : changes.remove_webhooks) webhooks_.erase(id);
    for (const Alert& alert : changes.fired) alerts_.emplace(alert.number, alert);
    if (!std::exchange(in_doubt_, false)) return {};
    return Error{Code::kUnavailable, "COMMIT_IN_DOUBT", "done or not, nobody knows"};
  }

  void SetDown(bool down) {
    const std::lock_guard lock{mutex_};
    down_ = down;
  }
  void DoubtNext() {
    const std::lock_guard lock{mutex_};
    in_doubt_ = true;
  }
  /// Ids and numbers of the alerts kept, each followed by a blank.
  std::string Fired() const {
    const std::lock_guard lock{mutex_};
    std::string all;
    for (const auto& [number, alert] : alerts_) {
      all += alert.firing.rule->id + std::to_string(number) + " ";
    }
    return all;
  }

 private:
  static Error Down() { return {Code::kUnavailable, "DATABASE_DOWN", "no database"}; }

  mutable std::mutex mutex_;  // guards the rest
  std::map<std::string, AlertRule> rules_;
  std::map<std::string, Webhook> webhooks_;
  std::map<std::uint64_t, Alert> alerts_;
  bool down_ = false;
  bool in_doubt_ = false;
};

}  // namespace sauda::feed
