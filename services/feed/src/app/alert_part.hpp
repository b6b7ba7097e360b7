#pragma once

#include <mutex>

#include "services/feed/src/adapters/http_webhook_client.hpp"
#include "services/feed/src/adapters/pg_alert_store.hpp"
#include "services/feed/src/alert_caller.hpp"
#include "services/feed/src/alert_desk.hpp"
#include "services/feed/src/alert_keeper.hpp"
#include "services/feed/src/app/ground.hpp"
#include "services/feed/src/app/rare_log.hpp"

namespace sauda::feed {

/// Rules on ticks: judged, kept, and told to webhooks. Made before anything that hands it ticks.
class AlertPart {
 public:
  /// `ground` has started and outlives it.
  explicit AlertPart(Ground& ground);

  /// Loads the kept rules, now or when PostgreSQL answers.
  void Start() { keeper_.Start(); }
  void Stop();

  AlertDesk& desk() { return desk_; }
  AlertCaller& caller() { return caller_; }

 private:
  AlertDesk::Events DeskEvents();
  AlertKeeper::Events KeeperEvents();
  AlertCaller::Events CallerEvents();
  void Restore(const KeptAlerts& kept);

  Ground& ground_;
  RareLog unseen_ticks_;  // the desk's thread only
  std::mutex log_mutex_;
  RareLog webhook_failures_;  // guarded by log_mutex_
  PgAlertStore store_;
  AlertKeeper keeper_;
  HttpWebhookClient client_;
  AlertCaller caller_;
  AlertDesk desk_;
};

}  // namespace sauda::feed
