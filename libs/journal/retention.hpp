#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/journal/catalog.hpp"
#include "libs/journal/follower.hpp"
#include "libs/journal/payloads.hpp"

namespace sauda::journal {

struct RetentionLimits {
  std::chrono::hours age{7 * 24};      ///< since a segment's last write
  std::uint64_t bytes = 20ULL << 30U;  ///< of all segments of the directory
};

/// Who must have read a segment before it goes.
struct Consumer {
  std::string name;
  std::map<std::string, Position> read_to;  ///< by instance; one that is not here: nothing of it
};

/// A segment that goes, and why.
struct Removal {
  struct Unread {
    std::string consumer;
    Stretch frames;  ///< that it has not read; cause JOURNAL_RETENTION
  };
  SegmentInfo segment;
  bool for_room = false;       ///< the byte limit asks for it; else its age does
  std::vector<Unread> unread;  ///< empty: every consumer has passed it
};

/// Which segments must go, oldest first; nothing is removed yet, so that the owner writes down what
/// will be missing before it is (then Remove; doing both again does no harm).
///
/// - A segment goes by age once every consumer has passed it.
/// - Beyond the byte limit it goes whether or not they have: that alone bounds the disk.
/// - The newest segment of an instance that has not ended stays: it may be being written.
///
/// Segments whose header cannot be read count and go by the file's time. Fails as FileError.
Result<std::vector<Removal>> PlanRetention(const std::filesystem::path& directory,
                                           const RetentionLimits& limits,
                                           const std::vector<Consumer>& consumers,
                                           std::int64_t now_ns);

/// Removes the segment of a plan. One that is gone already is no failure. Fails as FileError.
Result<void> Remove(const Removal& removal);

}  // namespace sauda::journal
