#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "libs/rpc/calls.hpp"
#include "sauda/feed/v1alpha1/alerts.grpc.pb.h"
#include "services/feed/src/core/alerts/alerts.hpp"
#include "services/feed/src/core/alerts/webhook.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/metrics.hpp"
#include "services/feed/src/rpc/alert_stream.hpp"

namespace sauda::feed {

/// AlertService of protos/sauda/feed/v1alpha1/alerts.proto. WatchAlerts is the callback API's; the
/// others may wait for the instruments service, on the threads of gRPC's synchronous API.
class AlertService final : public v1alpha1::AlertService::WithCallbackMethod_WatchAlerts<
                               v1alpha1::AlertService::Service> {
 public:
  /// Most WatchAlerts calls open at once.
  static constexpr std::size_t kMaxWatchers = 256;

  /// All outlive it.
  struct Parts {
    FeedDesk& desk;
    Alerts& alerts;
    Webhooks& webhooks;
    Metrics& metrics;
    rpc::Calls& calls;
    std::string instance;
    std::string account;
  };

  explicit AlertService(Parts parts) : parts_{std::move(parts)} {}

  grpc::Status CreateAlert(grpc::ServerContext* context,
                           const v1alpha1::CreateAlertRequest* request,
                           v1alpha1::AlertRule* response) override;
  grpc::Status DeleteAlert(grpc::ServerContext* context,
                           const v1alpha1::DeleteAlertRequest* request,
                           v1alpha1::DeleteAlertResponse* response) override;
  grpc::Status ListAlerts(grpc::ServerContext* context, const v1alpha1::ListAlertsRequest* request,
                          v1alpha1::ListAlertsResponse* response) override;
  grpc::ServerWriteReactor<v1alpha1::AlertBatch>* WatchAlerts(
      grpc::CallbackServerContext* context, const v1alpha1::WatchAlertsRequest* request) override;
  grpc::Status CreateWebhook(grpc::ServerContext* context,
                             const v1alpha1::CreateWebhookRequest* request,
                             v1alpha1::Webhook* response) override;
  grpc::Status DeleteWebhook(grpc::ServerContext* context,
                             const v1alpha1::DeleteWebhookRequest* request,
                             v1alpha1::DeleteWebhookResponse* response) override;
  grpc::Status ListWebhooks(grpc::ServerContext* context,
                            const v1alpha1::ListWebhooksRequest* request,
                            v1alpha1::ListWebhooksResponse* response) override;

  /// Ends every open stream with `why`, and every later one.
  void EndStreams(const Error& why);

 private:
  Result<void> CheckAccount(const std::string& account_id) const;
  /// As CheckAccount, or kUnavailable / ALERTS_LOADING.
  Result<void> CheckReady(const std::string& account_id) const;
  /// Fails with kNotFound / WEBHOOK_UNKNOWN; empty: no webhook is named.
  Result<void> CheckKnown(const std::string& webhook_id) const;
  Result<AlertRule> Create(AlertRule rule, const std::string& request_id);
  /// Why a new stream cannot be served, once it is among the others.
  std::optional<Error> Register(const std::shared_ptr<AlertStream>& stream);
  void Forget(const AlertStream* stream);

  const Parts parts_;
  std::mutex mutex_;  // guards the two below
  std::map<const AlertStream*, std::shared_ptr<AlertStream>> streams_;
  std::optional<Error> ending_;
};

}  // namespace sauda::feed
