#pragma once

#include <string>

#include "simulator/src/core/feed_session.hpp"

namespace sauda::sim {

/// The bytes of one FeedResponse: the payload of one binary WebSocket message. Zero values are left
/// out, as proto3 does. Any thread may call it.
std::string EncodeFeedFrame(const FeedFrame& frame);

}  // namespace sauda::sim
