#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include <grpcpp/support/server_callback.h>

#include "libs/rpc/calls.hpp"
#include "sauda/feed/v1alpha1/alerts.pb.h"
#include "services/feed/src/core/alerts/alerts.hpp"

namespace sauda::feed {

/// One WatchAlerts call. It keeps no queue: when its reader has taken a message it reads on where
/// it was, so a slow one costs nothing and is told what it missed. OnAlerts comes from the thread
/// that judges rules, On…Done from gRPC's; mutex_ orders them. The service holds it until OnDone.
class AlertStream final : public grpc::ServerWriteReactor<v1alpha1::AlertBatch>,
                          public AlertWatcher {
 public:
  struct Parts {
    Alerts& alerts;
    rpc::Calls& calls;
    std::string request_id;
    std::string instance;
    std::function<void()> on_end;  ///< once, from OnDone; drops the last reference
  };

  explicit AlertStream(Parts parts) : parts_{std::move(parts)} {}

  /// Sends what comes after alert `number`, at once an empty batch if nothing does.
  void Begin(std::uint64_t number);
  /// Ends the call once what is under way is written.
  void Close(const Error& why);

  void OnAlerts() override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  static constexpr std::size_t kMaxAlerts = 256;  // in one message

  // With mutex_ held:
  void WriteNext(bool even_empty);
  void FinishOnce();

  const Parts parts_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;                    // guards the rest
  std::optional<std::uint64_t> after_;  // the last one sent; absent: not begun
  v1alpha1::AlertBatch batch_;          // under way
  bool writing_ = false;
  bool finished_ = false;
  std::optional<Error> closing_;
};

}  // namespace sauda::feed
