#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "services/instruments/src/core/csv_record.hpp"
#include "services/instruments/src/core/csv_splitter.hpp"
#include "services/instruments/src/core/instrument.hpp"
#include "services/instruments/src/core/raw_record.hpp"
#include "services/instruments/src/core/record_splitter.hpp"

namespace sauda::instruments {

/// Unusable records of one kind: how many, and what the first was.
struct BadRecords {
  std::int64_t count = 0;
  std::string first;

  friend bool operator==(const BadRecords&, const BadRecords&) = default;
};

/// By reason; the closed list is in the proto's BadRecords.
using BadTally = std::map<std::string, BadRecords, std::less<>>;

/// Reads a master, inflated, while it arrives: a JSON array, JSON lines or the old CSV, by its
/// first character; several files one behind the other are one master. Good records go to the sink
/// as instruments, bad ones are counted. Memory: one record, 8 bytes and a node for each key seen,
/// and the keys of bad records. Not thread-safe.
class MasterReader {
 public:
  static constexpr std::size_t kMaxRecordBytes = 65'536;
  /// Ten times the largest that was ever seen; a small file may inflate to anything.
  static constexpr std::int64_t kMostBytes = 640'000'000;
  /// More are forgotten: a master of which so many are not too many has millions of records.
  static constexpr std::size_t kMostBadKeys = 100'000;

  /// The instrument lives for the call and carries no `simulated`. A failure ends the reading.
  using Sink = std::function<Result<void>(Instrument& instrument)>;

  MasterReader(RecordParser& parser, Sink sink) : parser_{parser}, sink_{std::move(sink)} {}
  MasterReader(const MasterReader&) = delete;  // the splitters call back into this object
  MasterReader& operator=(const MasterReader&) = delete;

  /// Fails with kInvalidArgument / MASTER_MALFORMED when this is no master, or as the sink did. Not
  /// to be called again then.
  Result<void> Feed(std::string_view bytes);

  /// Says that a file of the master is over and another follows. Fails with kFailedPrecondition /
  /// MASTER_TRUNCATED.
  Result<void> NextFile();

  /// Says that nothing follows. Fails with kFailedPrecondition / MASTER_TRUNCATED, MASTER_EMPTY.
  Result<void> Finish();

  std::int64_t records() const { return records_; }
  std::int64_t bytes() const { return bytes_; }
  std::int64_t bad_count() const { return bad_count_; }
  const BadTally& bad() const { return bad_; }
  /// Of unusable records that name their instrument; the first kMostBadKeys, perhaps repeated.
  const std::vector<std::string>& bad_keys() const { return bad_keys_; }

 private:
  Result<void> Detect(std::string_view& bytes);
  Result<void> TakeJson(std::string_view record, bool oversized);
  Result<void> TakeRow(const std::vector<std::string>& fields, bool oversized);
  Result<void> TakeRecord(bool oversized, const Result<void>& parsed, TickUnit unit);
  void CountBad(const Error& error);

  RecordParser& parser_;
  const Sink sink_;
  void SplitJson(RecordSplitter::Shape shape);
  void SplitCsv();
  /// Ends the file at hand.
  Result<void> FinishFile();

  bool at_start_ = true;  // of a file: a byte order mark may stand here
  std::string begun_;     // perhaps half of one
  std::optional<RecordSplitter> json_;
  std::optional<CsvSplitter> csv_;
  CsvRecord csv_record_;
  bool header_seen_ = false;
  RawRecord raw_;
  Instrument instrument_;
  std::unordered_set<std::uint64_t> keys_;  // hashes: two of 130 000 collide once in 10^9 files
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t bad_count_ = 0;
  BadTally bad_;
  std::vector<std::string> bad_keys_;
};

}  // namespace sauda::instruments
