#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <grpcpp/support/server_callback.h>

#include "libs/base/result.hpp"
#include "libs/rpc/calls.hpp"
#include "sauda/auth/v1alpha1/keys.pb.h"

namespace sauda::auth {

/// One WatchKeys call. Offer comes from whoever changes the board, On* from gRPC's threads; mutex_
/// orders them. What waits is one event, with the newest state of each key: so it is bounded by the
/// number of keys, however slowly it is read. Lives until OnDone.
class KeyWatch final : public grpc::ServerWriteReactor<v1alpha1::KeysEvent> {
 public:
  /// Counts and logs the end through `calls`. `on_end` is called once, from OnDone, and drops the
  /// last reference; `calls` outlives it.
  KeyWatch(rpc::Calls& calls, std::string request_id);

  /// Before anything else: what to do at the end. Held until then.
  void Start(std::function<void()> on_end) { on_end_ = std::move(on_end); }

  /// Never blocks.
  void Offer(const v1alpha1::KeysEvent& event);

  /// Ends the call with this error once what is under way is written.
  void Close(const Error& why);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void WriteNext();   // needs mutex_
  void FinishOnce();  // needs mutex_

  rpc::Calls& calls_;
  const std::string request_id_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::function<void()> on_end_;
  std::mutex mutex_;
  // mutex_ guards the rest
  bool something_waits_ = false;
  bool whole_waits_ = false;
  std::map<std::string, v1alpha1::KnownKey> waiting_;  // by id
  v1alpha1::KeysEvent writing_event_;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<Error> closing_;
};

}  // namespace sauda::auth
