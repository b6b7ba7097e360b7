#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/alerts/alert_log.hpp"
#include "services/feed/src/core/alerts/alert_rule.hpp"

namespace sauda::feed {

/// Somebody who wants to know that there are new alerts. Called by the thread that finds them; must
/// not block. It reads them itself.
class AlertWatcher {
 public:
  virtual ~AlertWatcher() = default;
  virtual void OnAlerts() = 0;
};

/// Everything a caller may do with alerts. Thread-safe; nothing waits for more than the judging of
/// the ticks that have come.
class Alerts {
 public:
  virtual ~Alerts() = default;

  /// Whether the rules and webhooks that earlier runs kept are here. Until then nobody can say what
  /// there is, and a change might be undone by them.
  virtual bool loaded() const = 0;
  /// From now on `rule` is judged; `instrument` is its own, of no meaning when it has none. The
  /// same rule twice is one. Fails as CheckAlertRule does, with kResourceExhausted / ALERT_LIMIT,
  /// or kAlreadyExists / ALERT_ID_REUSED: the id names another rule.
  virtual Result<void> Add(const AlertRule& rule, InstrumentId instrument) = 0;
  /// Whether Add would take it now, but for what CheckAlertRule says; fails as Add does.
  virtual Result<void> CheckNew(const AlertRule& rule) const = 0;
  /// False: there is none.
  virtual bool Remove(const std::string& rule_id) = 0;
  /// The first `limit` by id, of those after `after_id`.
  virtual std::vector<AlertRulePtr> List(const std::string& after_id, std::size_t limit) const = 0;

  /// The first `limit` alerts after number `after`.
  virtual AlertBatch Read(std::uint64_t after, std::size_t limit) const = 0;
  /// Of the newest alert; 0: none yet.
  virtual std::uint64_t last_number() const = 0;
  /// Ticks of this run that no rule has seen, since they came faster than rules are judged.
  virtual std::uint64_t unseen_ticks() const = 0;
  /// Tells of every alert that is numbered after the call.
  virtual void Watch(std::shared_ptr<AlertWatcher> watcher) = 0;
  /// One call more may be under way.
  virtual void Unwatch(const AlertWatcher* watcher) = 0;
};

}  // namespace sauda::feed
