#pragma once

#include "libs/base/result.hpp"
#include "sauda/orders/v1alpha1/orders.pb.h"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/order_rules.hpp"

namespace sauda::orders {

namespace wire = ::sauda::orders::v1alpha1;

/// Reads a request. Enum values outside the contract become kUnknown, which the rules refuse. Fails
/// with kInvalidArgument / PRICE_MALFORMED.
Result<NewOrder> FromWire(const wire::PlaceOrderRequest& request);
/// The same; what is absent or unspecified is unchanged.
Result<TermsChange> FromWire(const wire::ModifyOrderRequest& request);

void ToWire(const Order& order, wire::Order& out);
wire::OrderRoute ToWire(Route route);

}  // namespace sauda::orders
