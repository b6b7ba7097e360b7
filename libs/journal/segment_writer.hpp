#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/market_clock.hpp"
#include "libs/journal/file.hpp"
#include "libs/journal/intake.hpp"
#include "libs/journal/payloads.hpp"

namespace sauda::journal {

/// When the disk itself is waited for. What the kernel has survives the process, not the machine.
enum class Sync : std::uint8_t { kNever, kEachSegment, kInterval };

/// The files of one instance, one open at a time. A segment appears under its name with header,
/// gap and state complete; whatever fails, it ends with a whole record. From the first segment on
/// the newest is locked, so that Recover of another process keeps away. Not thread-safe.
class SegmentWriter {
 public:
  struct Options {
    std::filesystem::path directory;  ///< of the account
    std::string instance;
    std::string account;
    MarketClock::Source clock = MarketClock::Source::kWall;
    Sync sync = Sync::kNever;
  };
  struct Flushed {
    std::size_t records = 0;  ///< of those added that are written
    std::size_t bytes = 0;    ///< of them
    std::optional<Error> error;
  };

  explicit SegmentWriter(Options options) : options_{std::move(options)} {}

  /// Seals the open segment and begins the next. Nothing may be added and not flushed. After a
  /// failure none is open.
  Result<void> Begin(const Head& head);
  void Add(const RecordView& record);
  std::size_t buffered_bytes() const { return buffer_.size(); }
  /// Writes what was added. After a failure the segment was cut after its last whole record, and
  /// none is open. A segment that somebody removed is a failure too. With nothing open, nothing is
  /// written and nothing fails.
  Flushed Flush();
  /// Writes a seal and closes. A no-op when none is open.
  Result<void> Finish(bool last, std::int64_t now_ns);
  /// Until the disk has what was written. After a failure none is open.
  Result<void> SyncNow();

  bool open() const { return file_.has_value(); }
  std::uint64_t number() const { return number_; }  ///< of the newest segment; 0: there is none

 private:
  Error Cut(Error why);

  const Options options_;
  std::optional<File> file_;
  std::optional<File> held_;  // the newest, when it is done: its lock says that the writer lives
  std::uint64_t number_ = 0;
  std::uint64_t good_bytes_ = 0;  // of the file: whole records
  Seal seal_;                     // so far; a segment that broke gets none
  std::string buffer_;
  std::vector<std::size_t> ends_;  // of the records in buffer_
};

}  // namespace sauda::journal
