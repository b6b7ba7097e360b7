#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "libs/base/result.hpp"

namespace sauda::feed {

/// What the journal says of the runs before this one. Times are ns since the Unix epoch, UTC.
struct JournalPast {
  std::int64_t last_ns = 0;  ///< when the last frame came; 0: there is none
  /// Where a gap began that was open when the last run with frames ended.
  std::optional<std::int64_t> open_gap_ns;
};

/// Reads it, of segments that are mended (journal::Recover) and before the first of this run. All
/// of the newest segment with frames is read. Fails as journal::List and journal::SegmentReader do.
Result<JournalPast> ReadJournalPast(const std::filesystem::path& directory);

}  // namespace sauda::feed
