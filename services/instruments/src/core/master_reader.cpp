#include "services/instruments/src/core/master_reader.hpp"

#include <utility>

#include "services/instruments/src/core/read_instrument.hpp"
#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<void> MasterReader::Feed(std::string_view bytes) {
  bytes_ += static_cast<std::int64_t>(bytes.size());
  if (bytes_ > kMostBytes) {
    return Error{Code::kInvalidArgument, "MASTER_MALFORMED",
                 "it inflates to more than " + std::to_string(kMostBytes) + " bytes"};
  }
  std::string begun;  // outlives what is fed of it
  if (at_start_) {
    begun = std::exchange(begun_, {}) + std::string{bytes};
    if (begun.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(begun)) {
      begun_ = std::move(begun);  // perhaps half a mark: what follows tells
      return {};
    }
    at_start_ = false;
    bytes = begun;
    if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  }
  if (!json_ && !csv_) {
    if (auto detected = Detect(bytes); !detected) return detected;
  }
  if (json_) return json_->Feed(bytes);
  if (csv_) return csv_->Feed(bytes);
  return {};  // nothing but white space yet
}

void MasterReader::SplitJson(RecordSplitter::Shape shape) {
  json_.emplace(shape, kMaxRecordBytes, [this](std::string_view record, bool oversized) {
    return TakeJson(record, oversized);
  });
}

void MasterReader::SplitCsv() {
  header_seen_ = false;
  csv_.emplace(kMaxRecordBytes, [this](std::vector<std::string>& fields, bool oversized) {
    return TakeRow(fields, oversized);
  });
}

Result<void> MasterReader::Detect(std::string_view& bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  bytes.remove_prefix(first);
  if (bytes.front() == '[') {
    SplitJson(RecordSplitter::Shape::kArray);
  } else if (bytes.front() == '{') {
    SplitJson(RecordSplitter::Shape::kLines);
  } else if (bytes.front() == '"' || bytes.front() == 'i') {  // the header: instrument_key
    SplitCsv();
  } else {
    return Error{Code::kInvalidArgument, "MASTER_MALFORMED",
                 "neither a JSON array, nor JSON lines, nor CSV with the broker's header, in "
                 "UTF-8: it begins with '" +
                     Shown(bytes, 1) + "'"};
  }
  return {};
}

Result<void> MasterReader::TakeJson(std::string_view record, bool oversized) {
  ++records_;
  const auto parsed = oversized ? Result<void>{} : parser_.Parse(record, raw_);
  return TakeRecord(oversized, parsed, TickUnit::kPaise);
}

Result<void> MasterReader::TakeRow(const std::vector<std::string>& fields, bool oversized) {
  if (!header_seen_) {
    header_seen_ = true;
    return CsvRecord::CheckHeader(fields);
  }
  ++records_;
  const auto parsed = oversized ? Result<void>{} : csv_record_.Read(fields, raw_);
  return TakeRecord(oversized, parsed, TickUnit::kRupeesForEquities);
}

Result<void> MasterReader::TakeRecord(bool oversized, const Result<void>& parsed, TickUnit unit) {
  if (oversized) {
    CountBad({Code::kInvalidArgument, "RECORD_MALFORMED",
              "is longer than " + std::to_string(kMaxRecordBytes) + " bytes"});
    return {};
  }
  if (!parsed) {
    CountBad(parsed.error());
    return {};
  }
  if (const auto read = ReadInstrument(raw_, unit, instrument_); !read) {
    CountBad(read.error());
    const bool named = !instrument_.key.empty();
    if (named && bad_keys_.size() < kMostBadKeys) bad_keys_.push_back(instrument_.key);
    return {};
  }
  if (!keys_.insert(KeyHash(instrument_.key)).second) {
    CountBad(
        {Code::kInvalidArgument, "KEY_REPEATED", "'" + instrument_.key + "' was there before"});
    return {};
  }
  return sink_(instrument_);
}

void MasterReader::CountBad(const Error& error) {
  ++bad_count_;
  BadRecords& kind = bad_[error.reason];
  if (kind.count++ == 0) kind.first = "record " + std::to_string(records_) + ": " + error.message;
}

Result<void> MasterReader::FinishFile() {
  if (json_) return json_->Finish();
  if (csv_) return csv_->Finish();
  return Error{Code::kFailedPrecondition, "MASTER_EMPTY", "the file has no record"};
}

Result<void> MasterReader::NextFile() {
  if (auto finished = FinishFile(); !finished) return finished;
  json_.reset();
  csv_.reset();
  at_start_ = true;
  begun_.clear();
  return {};
}

Result<void> MasterReader::Finish() {
  if (auto finished = FinishFile(); !finished) return finished;
  if (records_ == 0) {
    return Error{Code::kFailedPrecondition, "MASTER_EMPTY", "the file has no record"};
  }
  return {};
}

}  // namespace sauda::instruments
