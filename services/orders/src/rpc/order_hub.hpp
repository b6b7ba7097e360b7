#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <grpcpp/support/server_callback.h>

#include "libs/base/result.hpp"
#include "libs/rpc/calls.hpp"
#include "sauda/orders/v1alpha1/orders.pb.h"
#include "services/orders/src/core/ports.hpp"
#include "services/orders/src/metrics.hpp"

namespace sauda::orders {

class OrderStream;

/// Hands every committed change to all WatchOrders calls of its account. A call that does not read
/// is ended after kMaxWaiting changes; nobody waits for it. Owned by the app; thread-safe.
class OrderHub final : public OrderListener {
 public:
  static constexpr std::size_t kMaxWaiting = 1'024;

  OrderHub(rpc::Calls& calls, Metrics& metrics) : calls_{calls}, metrics_{metrics} {}

  void OnOrder(const Order& order) override;

  /// A reactor for one call; gRPC owns the call, the reactor frees itself at its end.
  grpc::ServerWriteReactor<v1alpha1::Order>* Open(const std::string& request_id,
                                                  const std::string& account_id);

  /// Ends every call with `why`, now and from now on.
  void EndAll(const Error& why);

 private:
  friend class OrderStream;
  void Remove(OrderStream* stream);

  rpc::Calls& calls_;
  Metrics& metrics_;
  std::mutex mutex_;                                // guards what follows
  std::set<std::shared_ptr<OrderStream>> streams_;  // each keeps itself alive till its OnDone
  std::optional<Error> ended_;
};

}  // namespace sauda::orders
