#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/journal/format.hpp"

namespace sauda::journal {

/// Records that were pushed, or written once, and are not in the journal.
struct Stretch {
  /// received_ns of the earliest of them, or where the gap begins that a notice among them tells
  /// of.
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;  ///< received_ns of the latest of them
  std::uint64_t records = 0;
  std::uint64_t ticks = 0;      ///< that were made of them
  std::uint64_t first_seq = 0;  ///< least number of these ticks; 0: there were none
  std::uint64_t bytes = 0;      ///< of their records
  /// Why the first of them is missing: RING_FULL, STATE_MISSING, RECORD_TOO_LARGE, or the reason of
  /// the error that stopped the journal.
  std::string cause;

  void Add(const RecordView& record);
  /// Makes one of two; `other` was lost later. The cause stays, if there is one.
  void Add(const Stretch& other);

  friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// What stands at the end of a segment that is complete. Frames, states and gaps are counted, the
/// seal itself is not.
struct Seal {
  bool last = false;  ///< the instance has ended: no segment of it follows
  std::uint64_t records = 0;
  std::uint64_t frames = 0;
  std::uint64_t ticks = 0;
  std::int64_t first_ns = 0;  ///< received_ns of the first frame; 0: there is none
  std::int64_t last_ns = 0;   ///< received_ns of the last frame; 0: there is none

  void Count(const RecordView& record);

  friend bool operator==(const Seal&, const Seal&) = default;
};

inline constexpr std::size_t kSealPayloadBytes = 41;
inline constexpr std::size_t kSealRecordBytes = kRecordBytesWithoutText + kSealPayloadBytes;

std::string Encode(const Stretch& stretch);
std::string Encode(const Seal& seal);

/// What a gap record says; absent when the payload is none of this version's.
std::optional<Stretch> ParseStretch(std::string_view payload);
/// What a seal says; absent when the payload is none of this version's.
std::optional<Seal> ParseSeal(std::string_view payload);

}  // namespace sauda::journal
