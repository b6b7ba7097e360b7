#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "services/feed/src/core/candle_source.hpp"
#include "services/feed/src/rpc/pulled_stream.hpp"

namespace sauda::feed {

/// One StreamCandles call: looks at what changed, at most every kLeastGap, and sends of it what was
/// not sent like that before.
class CandleStream final : public PulledStream {
 public:
  static constexpr std::chrono::milliseconds kLeastGap{250};

  struct Sources {
    const CandleSource& candles;
    InstrumentDirectory& directory;
  };
  struct Wanted {
    std::vector<std::string> names;
    Interval interval = Interval::k1m;
  };

  CandleStream(grpc::CallbackServerContext& context, Parts parts, Sources sources, Wanted wanted);

  void Turn() override;

 private:
  /// More bars of a key do not change: of minutes as many are in memory, others just ended.
  static constexpr std::size_t kBarsAtOnce = 8;

  struct Line {
    std::string key;
    std::uint64_t version = 0;   // that was looked at last
    std::vector<Candle> sent{};  // as they were sent last
  };

  Result<Pulled> Pull() override;
  Result<void> Begin();
  /// Those of the line that were not sent as they are.
  std::vector<Candle> NewsOf(Line& line, std::uint64_t version) const;

  const Sources sources_;
  const Wanted wanted_;
  std::atomic<std::uint64_t> seen_version_{0};
  std::atomic<std::int64_t> pulled_at_ns_{0};  // monotonic

  // The worker's, of which there is one at a time:
  bool begun_ = false;
  std::vector<Line> lines_;
};

}  // namespace sauda::feed
