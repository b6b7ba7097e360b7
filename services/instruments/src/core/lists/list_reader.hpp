#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "services/instruments/src/core/lists/broker_list.hpp"
#include "services/instruments/src/core/raw_record.hpp"
#include "services/instruments/src/core/record_splitter.hpp"

namespace sauda::instruments {

/// Reads a list, inflated, while it arrives: one JSON array. Good records are kept, bad ones are
/// counted. Memory: the rows and one record. Not thread-safe.
class ListReader {
 public:
  static constexpr std::size_t kMostRecordBytes = 65'536;
  /// Three times the largest that was ever seen, suspended shares; a small file may inflate to
  /// anything.
  static constexpr std::size_t kMostRows = 100'000;
  static constexpr std::int64_t kMostBytes = 64'000'000;

  ListReader(ListKind list, RecordParser& parser);
  ListReader(const ListReader&) = delete;  // the splitter calls back into this object
  ListReader& operator=(const ListReader&) = delete;

  /// Fails with kInvalidArgument / MASTER_MALFORMED when this is no JSON array, LIST_TOO_LARGE
  /// beyond either bound. Not to be called again then.
  Result<void> Feed(std::string_view bytes);

  /// Says that nothing follows. Fails with kFailedPrecondition / MASTER_TRUNCATED.
  Result<void> Finish() const { return splitter_.Finish(); }

  /// In the order of the file; of records with one key the first, but for suspended ones. Those
  /// that say `mtf_enabled` false are on no list.
  std::vector<ListRow>& rows() { return rows_; }
  std::int64_t records() const { return records_; }
  std::int64_t bad() const { return bad_; }
  /// Reason and message of the first bad record; empty: none was.
  const std::string& first_bad() const { return first_bad_; }

 private:
  Result<void> Take(std::string_view record, bool oversized);
  Result<void> Read(std::string_view record, bool oversized, ListRow& row);

  const ListKind list_;
  RecordParser& parser_;
  RecordSplitter splitter_;
  RawRecord raw_;
  std::vector<ListRow> rows_;
  std::unordered_set<std::uint64_t> keys_;  // hashes
  std::int64_t bytes_ = 0;
  std::int64_t records_ = 0;
  std::int64_t bad_ = 0;
  std::string first_bad_;
};

}  // namespace sauda::instruments
