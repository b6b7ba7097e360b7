#pragma once

#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.hpp"
#include "sauda/feed/v1alpha1/feed.pb.h"

namespace sauda::gateway {

/// Reads `symbols`, `mode`, `partial` and `selection` of a body; other members are refused. Fails
/// with kInvalidArgument / FIELD_WRONG, FIELD_UNKNOWN or the feed's word for a wrong one.
Result<feed::v1alpha1::SubscribeRequest> ReadSubscribe(const nlohmann::json& body);

/// What came of it: `subscribed` (how many keys), `refused`, `selected`, `near_price`.
nlohmann::json OutcomeOf(const feed::v1alpha1::SubscribeResponse& subscribed);

}  // namespace sauda::gateway
