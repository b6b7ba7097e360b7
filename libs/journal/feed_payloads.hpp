#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sauda::journal {

// What sauda-feed puts into the records of its journal. All numbers are little-endian.
//
//   frame, state  simulated u8 | entries u32 | instrument i64 * entries | the broker's bytes
//   notice        from_ns i64 | to_ns i64 | ticks u64 | cause u16 + text | detail

/// In FramePayload::instruments: no tick was made, since nobody wanted the key, or another of the
/// feed's connections spoke for it.
inline constexpr std::int64_t kUnwanted = -1;

/// Of a frame or a state.
struct FramePayload {
  bool simulated = false;
  /// One for each instrument of the frame that says something, in the frame's order: its durable
  /// number (0: not known) or kUnwanted.
  std::span<const std::int64_t> instruments;
  std::string_view bytes;  ///< one message of the broker's schema, as it came
};

/// Whether a tick was made of what stands at this place of `instruments`. What was not is the same
/// news from another connection, perhaps older, or nobody's.
inline bool WasTold(std::span<const std::int64_t> instruments, std::size_t place) {
  return place < instruments.size() && instruments[place] != kUnwanted;
}

/// Of a notice: a stretch of time for which ticks are missing or may be, seen by the feed.
struct GapPayload {
  /// In to_ns: it is open from here on, until another notice with kOpen; with from_ns 0 none is.
  static constexpr std::int64_t kOpen = 0;

  std::int64_t from_ns = 0;  ///< the last moment before it that is covered
  std::int64_t to_ns = 0;    ///< the first moment after it, or kOpen
  std::uint64_t ticks = 0;   ///< known to be missing; 0: not known
  std::string cause;
  std::string detail;  ///< for people

  friend bool operator==(const GapPayload&, const GapPayload&) = default;
};

std::string Encode(const FramePayload& frame);
/// A cause is cut at 65,535 bytes.
std::string Encode(const GapPayload& gap);

/// What Encode made `payload` of; absent when it made it of none. Looks into both arguments.
std::optional<FramePayload> ParseFrame(std::string_view payload,
                                       std::vector<std::int64_t>& instruments);
std::optional<GapPayload> ParseGap(std::string_view payload);

}  // namespace sauda::journal
