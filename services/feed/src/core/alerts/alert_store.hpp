#pragma once

#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/alerts/alert_log.hpp"
#include "services/feed/src/core/alerts/alert_rule.hpp"
#include "services/feed/src/core/alerts/webhook.hpp"

namespace sauda::feed {

/// What stays over restarts, each by id, rising. Rows that make no sense were written by somebody
/// else: they are left out, and `unreadable` says of each what is wrong, for people.
struct KeptAlerts {
  std::vector<AlertRule> rules;
  std::vector<Webhook> webhooks;
  std::vector<std::string> unreadable;
};

/// What is to be kept since the last save; an id is either put or removed.
struct AlertChanges {
  std::vector<AlertRule> put;
  std::vector<std::string> remove;
  std::vector<Webhook> put_webhooks;
  std::vector<std::string> remove_webhooks;
  std::vector<Alert> fired;
};

/// Keeps rules, webhooks and what fired. Calls block, with deadlines. Both fail with kUnavailable /
/// DATABASE_DOWN.
class AlertStore {
 public:
  virtual ~AlertStore() = default;
  virtual Result<KeptAlerts> Load() = 0;
  /// All or nothing; the same changes may be saved twice.
  virtual Result<void> Save(const AlertChanges& changes) = 0;
};

}  // namespace sauda::feed
