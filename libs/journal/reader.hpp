#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "libs/journal/file.hpp"
#include "libs/journal/format.hpp"
#include "libs/journal/payloads.hpp"

namespace sauda::journal {

/// Reads one segment from front to back, at its own pace, also while it is being written. Not
/// thread-safe; memory is one piece of 256 KiB, or the largest record met.
class SegmentReader {
 public:
  /// What is found at the reader's place.
  enum class Found : std::uint8_t {
    kRecord,   ///< `record` is good until the next call
    kEnd,      ///< nothing more is written, so far
    kTorn,     ///< the file ends within a record: being written, or cut off
    kCorrupt,  ///< the bytes are no record; nothing after them can be trusted either
    kSealed,   ///< the segment is complete; `seal` says what was in it
  };
  struct Item {
    Found found = Found::kEnd;
    std::uint64_t offset = 0;       ///< of what was found, in the file
    std::uint64_t next_offset = 0;  ///< where to go on; `offset` itself unless a record or a seal
    RecordView record;
    Seal seal;
  };

  /// Fails as FileError and as ParseHeader do, the file named.
  static Result<SegmentReader> Open(const std::filesystem::path& path);

  /// What comes next. A record or a seal is passed, also a record of an unknown kind, which is
  /// counted and not given; at anything else the reader stays, and looks again the next time. Fails
  /// as FileError.
  Result<Item> Next();

  /// Goes on at this offset: the header's end, or one that `next_offset` has said. Anything else
  /// finds kCorrupt. Before the header's end: there.
  void Seek(std::uint64_t offset);

  const SegmentHeader& header() const { return header_.header; }
  const File& file() const { return file_; }
  std::uint64_t offset() const { return offset_; }
  std::uint64_t unknown_records() const { return unknown_; }

 private:
  SegmentReader(File file, ParsedHeader header)
      : file_{std::move(file)}, header_{std::move(header)}, offset_{header_.bytes} {}

  Result<ParsedRecord> Look();
  /// What of the buffer is at the reader's place and after it.
  std::string_view Buffered() const;

  File file_;
  ParsedHeader header_;
  std::uint64_t offset_;
  std::uint64_t unknown_ = 0;
  std::string buffer_;
  std::size_t filled_ = 0;           // of buffer_
  std::uint64_t buffer_offset_ = 0;  // where in the file buffer_ begins
};

}  // namespace sauda::journal
