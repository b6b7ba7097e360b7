#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <grpcpp/support/server_callback.h>

#include "libs/base/result.hpp"
#include "libs/rpc/calls.hpp"
#include "sauda/orders/v1alpha1/portfolio.pb.h"

namespace sauda::orders {

class ProfitStream;

/// Hands the newest profit to all WatchProfit calls. Each holds one update that waits and none
/// older, so that a reader who is slow misses some and costs nobody anything. Owned by the app;
/// thread-safe.
class ProfitHub {
 public:
  static constexpr std::size_t kMostStreams = 64;

  explicit ProfitHub(rpc::Calls& calls) : calls_{calls} {}

  /// Whether anybody watches.
  bool watched();

  /// Tells it to those who have not been told the same already.
  void Offer(const v1alpha1::Profit& profit);

  /// A reactor for one call; gRPC owns the call, the reactor frees itself at its end. `refused`
  /// ends it at once.
  grpc::ServerWriteReactor<v1alpha1::ProfitUpdate>* Open(const std::string& request_id,
                                                         std::optional<Error> refused);

  /// Ends every call with `why`, now and from now on.
  void EndAll(const Error& why);

 private:
  friend class ProfitStream;
  void Remove(ProfitStream* stream);

  rpc::Calls& calls_;
  std::mutex mutex_;                                 // guards what follows
  std::set<std::shared_ptr<ProfitStream>> streams_;  // each keeps itself alive till its OnDone
  std::optional<Error> ended_;
};

}  // namespace sauda::orders
