#pragma once

#include <string>

#include "bench/load.hpp"

namespace sauda::bench {

/// The peer of the feed's fan-out: one PUBLISH of `frame_bytes` bytes for each frame to Redis, and
/// the load's subscribers on connections of their own, all read by one thread as fast as it can.
Delivery RedisPubSub(int port, const std::string& password, const Load& load,
                     std::size_t frame_bytes);

}  // namespace sauda::bench
