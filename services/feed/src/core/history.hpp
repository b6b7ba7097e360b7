#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Where a stored tick stands in the order of reading: by time of receiving, then run, then seq.
struct TickPlace {
  std::int64_t received_ns = 0;
  std::string instance;
  std::uint64_t seq = 0;

  friend bool operator==(const TickPlace&, const TickPlace&) = default;
};

/// Which stored ticks.
struct TickRange {
  std::vector<std::string> keys;   ///< without repeats; none: of every instrument
  std::int64_t from_ns = 0;        ///< received at this time or later
  std::int64_t to_ns = 0;          ///< and before this one
  std::optional<TickPlace> after;  ///< only those after this place
  std::uint64_t limit = 0;         ///< most ticks
};

/// A tick as it was published, with the run that published it. Of the listing it has the key and
/// the durable number; `received_at` means nothing.
struct StoredTick {
  std::string instance;
  Tick tick;

  TickPlace place() const { return {tick.received_ns, instance, tick.seq}; }
};

/// A gap, with the run that found it.
struct StoredGap {
  std::string instance;
  Gap gap;

  friend bool operator==(const StoredGap&, const StoredGap&) = default;
};

/// Which gaps: those that touch [from_ns, to_ns).
struct GapRange {
  /// Where a gap stands: by its begin, then run, then number.
  struct Place {
    std::int64_t from_ns = 0;
    std::string instance;
    std::uint64_t number = 0;

    friend bool operator==(const Place&, const Place&) = default;
  };
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::optional<Place> after;
  std::size_t limit = 0;
};

inline GapRange::Place PlaceOf(const StoredGap& stored) {
  return {stored.gap.from_ns, stored.instance, stored.gap.number};
}

/// A stretch of time, of receiving.
struct TimeStretch {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;  ///< exclusive

  friend bool operator==(const TimeStretch&, const TimeStretch&) = default;
};

/// What is stored of an account, for reading. Thread-safe; calls may block, with deadlines. They
/// fail with kUnavailable / DATABASE_DOWN, DATABASE_BUSY or SCHEMA_UNUSABLE, or with
/// kDeadlineExceeded / STATEMENT_TIMEOUT.
class History {
 public:
  virtual ~History() = default;
  /// In the order of their places.
  virtual Result<std::vector<StoredTick>> Ticks(const TickRange& range) = 0;
  /// The first stretch that ends after `from_ns` and may hold ticks, of whomever: all before it
  /// from `from_ns` on is empty. Absent: all later time is. Costs little, whatever lies between.
  virtual Result<std::optional<TimeStretch>> StretchAfter(std::int64_t from_ns) = 0;
  /// In the order of their places.
  virtual Result<std::vector<StoredGap>> Gaps(const GapRange& range) = 0;
};

}  // namespace sauda::feed
