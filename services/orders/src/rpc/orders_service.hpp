#pragma once

#include <string>

#include "libs/rpc/calls.hpp"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"
#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/metrics.hpp"
#include "services/orders/src/rpc/order_hub.hpp"

namespace sauda::orders {

/// The rpcs of orders.proto over the desk. Unary calls block on gRPC's synchronous threads, of
/// which the server has a bounded number; WatchOrders takes none.
class OrdersService final : public v1alpha1::OrdersService::WithCallbackMethod_WatchOrders<
                                v1alpha1::OrdersService::Service> {
 public:
  struct Parts {
    OrderDesk& desk;
    Ledger& ledger;
    Venue& venue;
    OrderHub& hub;
    rpc::Calls& calls;
    Metrics& metrics;
    std::string account_id;
    const KillSwitch* kill = nullptr;  ///< shown in the status
  };

  explicit OrdersService(Parts parts) : parts_{std::move(parts)} {}

  grpc::Status PlaceOrder(grpc::ServerContext* context, const v1alpha1::PlaceOrderRequest* request,
                          v1alpha1::Order* response) override;
  grpc::Status ModifyOrder(grpc::ServerContext* context,
                           const v1alpha1::ModifyOrderRequest* request,
                           v1alpha1::Order* response) override;
  grpc::Status CancelOrder(grpc::ServerContext* context,
                           const v1alpha1::CancelOrderRequest* request,
                           v1alpha1::Order* response) override;
  grpc::Status GetOrder(grpc::ServerContext* context, const v1alpha1::GetOrderRequest* request,
                        v1alpha1::Order* response) override;
  grpc::Status ListOrders(grpc::ServerContext* context, const v1alpha1::ListOrdersRequest* request,
                          v1alpha1::ListOrdersResponse* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1alpha1::GetStatusRequest* request,
                         v1alpha1::OrdersStatus* response) override;
  grpc::ServerWriteReactor<v1alpha1::Order>* WatchOrders(
      grpc::CallbackServerContext* context, const v1alpha1::WatchOrdersRequest* request) override;

 private:
  const Parts parts_;
};

}  // namespace sauda::orders
