#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "libs/journal/file.hpp"
#include "libs/journal/format.hpp"
#include "libs/journal/payloads.hpp"
#include "libs/journal/reader.hpp"

namespace sauda::journal {

/// What reading a segment to its end finds.
struct SegmentScan {
  SegmentHeader header;
  std::uint64_t file_bytes = 0;
  std::uint64_t good_bytes = 0;  ///< up to the end of the last whole record
  /// kEnd, kTorn, kCorrupt or kSealed. Past kTorn and kCorrupt nothing was read.
  SegmentReader::Found end = SegmentReader::Found::kEnd;
  Seal counts;                ///< of the good records; `last` says whether a seal with it was met
  std::uint64_t states = 0;   ///< of counts.records
  std::uint64_t gaps = 0;     ///< of counts.records
  std::uint64_t unknown = 0;  ///< records of a kind of a later version; in no other count
  Stretch frames;             ///< all good frames, as one stretch
};

/// Reads all of a segment, or what follows `from_offset`. Fails as SegmentReader does.
Result<SegmentScan> Scan(const std::filesystem::path& path, std::uint64_t from_offset = 0);

/// The seal that a file ends with, read from there; absent: it does not end with one.
Result<std::optional<Seal>> SealOf(const File& file);

/// Whether opening failed for what the file is, not for the disk or the permission.
bool IsAboutHeader(const Error& error);

}  // namespace sauda::journal
