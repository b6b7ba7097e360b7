#pragma once

#include <set>
#include <string>

#include "libs/base/result.hpp"
#include "sauda/feed/v1alpha1/feed.pb.h"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// Fails with kInvalidArgument / KIND_UNKNOWN or UNIVERSE_UNKNOWN. Whether it goes together is for
/// SelectionPlan.
Result<Selection> SelectionFromProto(const v1alpha1::Selection& selection);

/// Fails with kInvalidArgument / KIND_UNKNOWN, also when one is left open.
Result<std::set<Kind>> KindsFromProto(const google::protobuf::RepeatedField<int>& kinds);

/// What came of a request, but for `near_price`.
v1alpha1::SubscribeResponse ToProto(const Subscribed& subscribed, const FeedDesk& desk);

/// The newest price of what goes by `name`, in rupees; 0 when there is none here, or nobody can say
/// what it stands for. May wait for the instruments service.
double NewestPrice(FeedDesk& desk, LatestSource& latest, const std::string& name,
                   const std::string& request_id);

}  // namespace sauda::feed
