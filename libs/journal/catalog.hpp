#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/journal/names.hpp"
#include "libs/journal/payloads.hpp"

namespace sauda::journal {

/// One segment of a directory, by its name, its header and its last bytes.
struct SegmentInfo {
  std::filesystem::path path;
  SegmentName name;
  std::int64_t created_ns = 0;   ///< 0: the header cannot be read
  std::int64_t modified_ns = 0;  ///< of the file
  std::uint64_t bytes = 0;
  std::optional<Seal> seal;      ///< absent: being written, or broken off; the counts are here
  std::optional<Error> problem;  ///< why the header cannot be read
};

struct Listing {
  std::vector<SegmentInfo> segments;  ///< instances by their age, each by its numbers
  /// Files that are no segments: nothing touches them.
  std::vector<std::filesystem::path> foreign;
  /// Heads of segments that never appeared: a process was killed as it began one, or begins one.
  std::vector<std::filesystem::path> unfinished;
};

/// What is in an account's directory; nothing when there is none. Fails as FileError.
Result<Listing> List(const std::filesystem::path& directory);

}  // namespace sauda::journal
