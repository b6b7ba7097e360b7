#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "libs/base/clock.hpp"
#include "libs/journal/reader.hpp"

namespace sauda::journal {

/// A place in an instance's segments: where to go on reading.
struct Position {
  std::uint64_t segment = 0;  ///< 0: the first that there is
  std::uint64_t offset = 0;   ///< 0: after the header

  friend auto operator<=>(const Position&, const Position&) = default;
};

/// Reads the segments of one instance in their order, and waits for more. It looks every `poll`
/// while it waits: one small read, no matter who writes. Owned by one thread.
///
/// Where bytes are no record, nothing after them in that segment is trusted: it is told once, and
/// the follower goes on with the next segment, whose state makes it whole again. That is final: it
/// does not come back to a segment that it has left.
class Follower {
 public:
  struct Options {
    std::filesystem::path directory;  ///< of the account
    std::string instance;
    Position from;
    std::chrono::milliseconds poll{2};
  };
  enum class What : std::uint8_t {
    kRecord,   ///< `record` is good until the next call
    kNothing,  ///< nothing came within the wait
    kDamage,   ///< the rest of a segment, or all of it, cannot be read
    kMissing,  ///< segments were removed before they were read
    kEnd,      ///< the instance has ended, and everything was read
  };
  struct Item {
    What what = What::kNothing;
    std::uint64_t segment = 0;  ///< of the record, of the damage, or the first one missing
    std::uint64_t offset = 0;   ///< of the record or of the damage
    Position next;              ///< where to go on after this
    RecordView record;
    /// With kDamage: bytes that are left out, as far as they are written. With kMissing: segments.
    std::uint64_t count = 0;
    std::int64_t after_ns = 0;  ///< with both: received_ns of the last record given; 0: none was
    std::string detail;         ///< with kDamage, for people
  };

  explicit Follower(Options options);

  /// What comes next, waiting for it no longer than `wait`. An instance of which there is no
  /// segment yet is waited for. A process that was killed leaves no mark of its end (until Recover
  /// makes one): its followers get kNothing. Fails as FileError; the place is kept.
  Result<Item> Next(std::chrono::milliseconds wait);

  std::uint64_t unknown_records() const;

 private:
  Result<std::optional<Item>> Look();
  Result<std::optional<Item>> ReadOn();
  Result<std::optional<Item>> Enter();
  Result<std::optional<Item>> EndOfAll();
  Item Damage(std::string detail);
  Result<std::optional<std::uint64_t>> FindNext();
  std::filesystem::path PathOf(std::uint64_t number) const;

  const Options options_;
  std::optional<SegmentReader> reader_;
  std::uint64_t next_;    // segment to enter after this one, next_ - 1
  bool torn_ = false;     // the last ReadOn ended within a record
  bool spoiled_ = false;  // nothing more is wanted of this segment
  bool ended_ = false;
  std::int64_t last_ns_ = 0;
  std::uint64_t unknown_ = 0;           // in segments that were left
  std::optional<Monotonic> listed_at_;  // since this segment was entered
};

}  // namespace sauda::journal
