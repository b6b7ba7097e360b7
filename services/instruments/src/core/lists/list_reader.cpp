#include "services/instruments/src/core/lists/list_reader.hpp"

#include <utility>

#include "services/instruments/src/core/field_reader.hpp"
#include "services/instruments/src/core/instrument.hpp"

namespace sauda::instruments {
namespace {

Error TooLarge(const std::string& what) {
  return {Code::kInvalidArgument, "LIST_TOO_LARGE", "the list has more than " + what};
}

/// A share of money or a multiple: not below zero.
Result<void> ReadRate(const FieldReader& reader, Field field, bool required, Decimal& out) {
  if (auto read = reader.Number(field, required, out); !read) return read;
  if (out < Decimal{}) return FieldReader::Invalid(field, "is below zero");
  return {};
}

Result<void> ReadRates(ListKind list, const FieldReader& reader, ListRow& row) {
  if (list == ListKind::kSuspended) return {};
  if (list == ListKind::kMtf) {
    return ReadRate(reader, Field::kMtfBracket, false, row.margin_percent);
  }
  if (auto read = ReadRate(reader, Field::kIntradayMargin, true, row.margin_percent); !read) {
    return read;
  }
  return ReadRate(reader, Field::kIntradayLeverage, true, row.leverage);
}

}  // namespace

ListReader::ListReader(ListKind list, RecordParser& parser)
    : list_{list},
      parser_{parser},
      splitter_{
          RecordSplitter::Shape::kArray, kMostRecordBytes,
          [this](std::string_view record, bool oversized) { return Take(record, oversized); }} {}

Result<void> ListReader::Feed(std::string_view bytes) {
  bytes_ += static_cast<std::int64_t>(bytes.size());
  if (bytes_ > kMostBytes) return TooLarge(std::to_string(kMostBytes) + " bytes, inflated");
  return splitter_.Feed(bytes);
}

Result<void> ListReader::Take(std::string_view record, bool oversized) {
  ++records_;
  if (static_cast<std::size_t>(records_) > kMostRows) {
    return TooLarge(std::to_string(kMostRows) + " records");
  }
  ListRow row;
  if (const auto read = Read(record, oversized, row); !read) {
    if (++bad_ == 1) {
      first_bad_ = read.error().reason + ", record " + std::to_string(records_) + ": " +
                   read.error().message;
    }
    return {};
  }
  const RawValue& enabled = raw_[Field::kMtfEnabled];
  const bool off =
      list_ == ListKind::kMtf && enabled.type == RawValue::Type::kBool && enabled.text == "false";
  if (!off) rows_.push_back(std::move(row));
  return {};
}

Result<void> ListReader::Read(std::string_view record, bool oversized, ListRow& row) {
  if (oversized) {
    return Error{Code::kInvalidArgument, "RECORD_MALFORMED",
                 "is longer than " + std::to_string(kMostRecordBytes) + " bytes"};
  }
  if (auto parsed = parser_.Parse(record, raw_); !parsed) return parsed;
  const FieldReader reader{raw_};
  if (const auto segment = reader.Key(row.key); !segment) return segment.error();
  const std::pair<Field, std::string*> texts[] = {{Field::kSymbol, &row.symbol},
                                                  {Field::kName, &row.name},
                                                  {Field::kType, &row.type},
                                                  {Field::kIsin, &row.isin},
                                                  {Field::kToken, &row.token}};
  for (const auto& [field, text] : texts) {
    if (auto read = reader.Text(field, false, *text); !read) return read;
  }
  if (auto read = ReadRates(list_, reader, row); !read) return read;
  if (list_ != ListKind::kSuspended && !keys_.insert(KeyHash(row.key)).second) {
    return Error{Code::kInvalidArgument, "KEY_REPEATED", "'" + row.key + "' was there before"};
  }
  return {};
}

}  // namespace sauda::instruments
