#include "services/instruments/src/core/master_reader.hpp"

#include "services/instruments/src/core/read_instrument.hpp"
#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<void> MasterReader::Feed(std::string_view bytes) {
  bytes_ += static_cast<std::int64_t>(bytes.size());
  if (format_ == Format::kUnknown) {
    if (auto detected = Detect(bytes); !detected) return detected;
  }
  switch (format_) {
    case Format::kUnknown:  // nothing but white space yet
      return {};
    case Format::kJson:
      return json_.Feed(bytes);
    case Format::kCsv:
      return csv_.Feed(bytes);
  }
  return {};
}

Result<void> MasterReader::Detect(std::string_view& bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  bytes.remove_prefix(first);
  if (bytes.front() == '[') {
    format_ = Format::kJson;
  } else if (bytes.front() == '"' || bytes.front() == 'i') {  // the header: instrument_key
    format_ = Format::kCsv;
  } else {
    return Error{
        Code::kInvalidArgument, "MASTER_MALFORMED",
        "neither a JSON array nor CSV with the broker's header, in UTF-8: it begins with '" +
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

Result<void> MasterReader::Finish() {
  if (format_ == Format::kJson) {
    if (auto finished = json_.Finish(); !finished) return finished;
  }
  if (format_ == Format::kCsv) {
    if (auto finished = csv_.Finish(); !finished) return finished;
  }
  if (records_ == 0) {
    return Error{Code::kFailedPrecondition, "MASTER_EMPTY", "the file has no record"};
  }
  return {};
}

}  // namespace sauda::instruments
