#pragma once

#include <optional>

#include "simulator/src/core/market.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::sim {

/// What one entry of a feed message says, its absent parts marked so; the inverse of
/// feed_encoder.hpp. Absent: it says nothing.
std::optional<FullState> FeedStateOf(
    const com::upstox::marketdatafeederv3udapi::rpc::proto::Feed& feed);

}  // namespace sauda::sim
