#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::journal {

/// What a segment's file name says: `<instance>-<NNNNNN>.saudaj`.
struct SegmentName {
  std::string instance;
  std::uint64_t number = 0;  ///< at least six digits in the name

  friend bool operator==(const SegmentName&, const SegmentName&) = default;
};

inline constexpr std::string_view kUnfinishedSuffix = ".tmp";  ///< a segment whose head is written

/// Letters, digits, `_`, `-` and a `.` that is not the first stay; every other byte becomes `%XX`.
std::string PercentEncode(std::string_view text);
/// The text that PercentEncode made this of; absent: it made it of none.
std::optional<std::string> PercentDecode(std::string_view name);

/// Fails with kInvalidArgument / ID_INVALID unless `id` is 1 to kMaxTextBytes bytes and makes a
/// file name of no more than kMaxTextBytes. `what` names it in the message.
Result<void> CheckId(std::string_view id, std::string_view what);

/// Where the segments of an account are: a directory of its own below `root`.
std::filesystem::path AccountDirectory(const std::filesystem::path& root, std::string_view account);

std::string FileName(const SegmentName& name);
/// Absent: no segment is called so.
std::optional<SegmentName> ParseFileName(std::string_view file_name);

}  // namespace sauda::journal
