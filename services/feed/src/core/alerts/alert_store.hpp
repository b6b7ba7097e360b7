#pragma once

#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/alerts/alert_log.hpp"
#include "services/feed/src/core/alerts/alert_rule.hpp"

namespace sauda::feed {

/// What is to be kept since the last save; an id is in one of the first two lists only.
struct AlertChanges {
  std::vector<AlertRule> put;
  std::vector<std::string> remove;
  std::vector<Alert> fired;
  bool empty() const { return put.empty() && remove.empty() && fired.empty(); }
};

/// Keeps rules and what they said. Calls block, with deadlines. Both fail with kUnavailable /
/// DATABASE_DOWN.
class AlertStore {
 public:
  virtual ~AlertStore() = default;
  /// The rules, by id, rising.
  virtual Result<std::vector<AlertRule>> Load() = 0;
  /// All or nothing; the same changes may be saved twice.
  virtual Result<void> Save(const AlertChanges& changes) = 0;
};

}  // namespace sauda::feed
