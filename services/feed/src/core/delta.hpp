#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Which of the broker's messages carried the news; it decides what a whole one holds.
enum class Form : std::uint8_t { kLtpc, kFirstLevel, kMarketFull, kIndexFull };

/// What one frame says about one instrument. What is absent was not in the message. Scalars have no
/// presence on the wire, so a zero may mean either.
struct Delta {
  std::string_view key;
  Form form = Form::kLtpc;
  Mode mode = Mode::kLtpc;
  bool snapshot = false;  ///< everything that the broker knows, sent after a subscription
  std::optional<LastTrade> last;
  bool has_depth = false;
  std::vector<DepthLevel> depth;
  std::optional<Greeks> greeks;
  bool has_bars = false;
  std::vector<Bar> bars;
  Totals totals;
  Auction auction;
};

/// Whether it has every part of its form, so that nothing is left to what was before.
bool IsWhole(const Delta& delta);

/// Brings `tick` up to date. Rules:
/// - parts that are absent keep their last value;
/// - a snapshot, or another mode than before, starts anew (another mode keeps the last trade);
/// - scalars are taken as they are from a message that has every part of its form: there a zero
///   means zero. In an incremental message a zero keeps the last value.
/// Source: docs/broker.md "Message sequence"; recordings of both kinds of message exist.
void Merge(Tick& tick, const Delta& delta);

/// What kind of frame it was. The broker's wire leaves `type` out of an initial feed.
enum class FrameType : std::uint8_t { kInitial, kLive, kMarketInfo };

/// What a frame says besides its instruments.
struct FrameHead {
  FrameType type = FrameType::kLive;
  std::int64_t broker_ms = 0;       ///< `currentTs`; 0: the frame had none
  std::uint32_t instruments = 0;    ///< entries that were handed on
  std::uint32_t empty_entries = 0;  ///< entries that said nothing; skipped
  /// Status by segment, for example `NSE_EQ` → `NORMAL_OPEN`; only in a market_info.
  std::map<std::string, std::string> segments;
};

/// Takes a frame's news, one instrument after the other. The delta lives until the call returns.
class DeltaSink {
 public:
  virtual ~DeltaSink() = default;
  /// Before the first delta of a frame.
  virtual void OnHead(const FrameHead& head) = 0;
  virtual void OnDelta(const Delta& delta) = 0;
};

/// Reads the broker's frames. Used by one thread.
class FrameDecoder {
 public:
  virtual ~FrameDecoder() = default;

  /// Hands a frame's content to `sink`, its instruments in the order in which they were sent. A
  /// frame that cannot be read hands over nothing and fails with kInvalidArgument / FRAME_EMPTY,
  /// FRAME_MALFORMED (not the schema, or cut short) or FRAME_POINTLESS (no instruments and no
  /// market status).
  virtual Result<FrameHead> Decode(std::string_view bytes, DeltaSink& sink) = 0;
};

}  // namespace sauda::feed
