#pragma once

#include <memory>

#include "services/feed/src/core/delta.hpp"

namespace sauda::feed {

/// Reads the broker's V3 frames (protos/upstox/market_data_feed_v3.proto) on an arena that is used
/// again for each. Used by one thread.
class UpstoxDecoder final : public FrameDecoder {
 public:
  UpstoxDecoder();
  ~UpstoxDecoder() override;
  UpstoxDecoder(const UpstoxDecoder&) = delete;
  UpstoxDecoder& operator=(const UpstoxDecoder&) = delete;

  Result<FrameHead> Decode(std::string_view bytes, DeltaSink& sink) override;

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace sauda::feed
