#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"

namespace sauda::journal {

/// What was done to a segment that had no seal.
struct Recovered {
  enum class What : std::uint8_t {
    kSealed,   ///< nothing was wrong but the missing seal
    kCut,      ///< a torn end of `cut_bytes` was cut off, then it was sealed
    kDamaged,  ///< bytes within it are no record: sealed, and left as it is for a person to see
    kRemoved,  ///< the head of a segment that never began, a minute old at least
    kInUse,    ///< its process is alive: not touched
    kFailed,   ///< `problem` says why
  };
  std::filesystem::path path;
  What what = What::kSealed;
  std::uint64_t records = 0;    ///< whole ones, before the first that is not
  std::uint64_t cut_bytes = 0;  ///< with kCut
  std::int64_t last_ns = 0;     ///< received_ns of the last frame; 0: there is none
  std::optional<Error> problem;
};

/// Puts in order what processes that were killed left in an account's directory: cuts torn ends off
/// after the last whole record and seals, so that followers see an end. Segments of `own_instance`
/// and those of living processes stay as they are. A segment that ends with a seal is not read.
/// Run at the start, before the first segment of one's own. Fails as FileError when the directory
/// cannot be listed.
Result<std::vector<Recovered>> Recover(const std::filesystem::path& directory,
                                       const std::string& own_instance);

}  // namespace sauda::journal
