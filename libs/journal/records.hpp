#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/journal/catalog.hpp"
#include "libs/journal/reader.hpp"

namespace sauda::journal {

/// The segments that `path` stands for, in the order in which they are read: of one account's
/// folder, of a journal's folder with one account in it, or one segment's file, whatever its name.
/// Fails with
///   kNotFound         JOURNAL_NOT_FOUND: it is not there, or no segment is
///   kInvalidArgument  JOURNAL_AMBIGUOUS: a journal of several accounts; the message names them
/// and as FileError and SegmentReader::Open do.
Result<std::vector<SegmentInfo>> FindSegments(const std::filesystem::path& path);

/// Reads segments that nobody is waited for, one after the other, to the end of what is written.
/// Where bytes are no record the rest of that segment is left out: the next one begins anew. Owned
/// by one thread.
class Records {
 public:
  struct Item {
    const SegmentInfo* segment = nullptr;  ///< lives as long as the Records
    std::uint64_t offset = 0;              ///< of the record, in its segment
    RecordView record;                     ///< good until the next call
  };
  /// Told what is left out, for people: a segment that cannot be opened, damaged bytes, an end
  /// within a record, segments of an instance that are missing between two.
  using OnTrouble = std::function<void(const std::string& what)>;

  Records(std::vector<SegmentInfo> segments, OnTrouble on_trouble)
      : segments_{std::move(segments)}, on_trouble_{std::move(on_trouble)} {}

  /// The next record; absent at the end. Fails as FileError.
  Result<std::optional<Item>> Next();
  /// Starts again from the first.
  void Rewind();

 private:
  void Enter();

  const std::vector<SegmentInfo> segments_;
  const OnTrouble on_trouble_;
  std::size_t next_ = 0;                 // of segments_, to be entered
  std::optional<SegmentReader> reader_;  // of the one before it
};

}  // namespace sauda::journal
