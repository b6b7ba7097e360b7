#pragma once

#include <string>

#include "libs/base/result.hpp"
#include "sauda/feed/v1alpha1/feed.pb.h"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// Fails with kInvalidArgument / KIND_UNKNOWN or UNIVERSE_UNKNOWN. Whether it goes together is for
/// SelectionPlan.
Result<Selection> SelectionFromProto(const v1alpha1::Selection& selection);

/// What a stream is to follow besides what it names. Fails with kInvalidArgument / KIND_UNKNOWN,
/// also when a kind is left open, UNIVERSE_UNKNOWN or TOO_MANY_UNDERLYINGS.
Result<WantedFollow> FollowFromProto(const v1alpha1::StreamTicksRequest& request);

/// What came of a request, but for `near_price`.
v1alpha1::SubscribeResponse ToProto(const Subscribed& subscribed, const FeedDesk& desk);

/// The newest price of what goes by `name`, in rupees; 0 when there is none here, or nobody can say
/// what it stands for. May wait for the instruments service.
double NewestPrice(FeedDesk& desk, LatestSource& latest, const std::string& name,
                   const std::string& request_id);

}  // namespace sauda::feed
