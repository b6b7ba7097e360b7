#include "services/instruments/src/core/csv_splitter.hpp"

namespace sauda::instruments {

Result<void> CsvSplitter::Feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (auto stepped = Step(c); !stepped) return stepped;
  }
  return {};
}

Result<void> CsvSplitter::Step(char c) {
  switch (state_) {
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        Put(c);
      }
      return {};
    case State::kQuoteInQuoted:
      if (c == '"') {  // doubled: one quote of the text
        Put(c);
        state_ = State::kQuoted;
        return {};
      }
      break;
    case State::kFieldStart:
      if (c == '"') {
        state_ = State::kQuoted;
        return {};
      }
      break;
    case State::kPlain:
      break;
  }
  if (c == ',') {
    EndField();
    return {};
  }
  if (c == '\n') return EndRow();
  if (c == '\r') return {};
  if (c == '"' || state_ == State::kQuoteInQuoted) {
    return Error{Code::kInvalidArgument, "MASTER_MALFORMED",
                 "CSV row " + std::to_string(rows_ + 1) + " has a quote in the middle of a field"};
  }
  Put(c);
  state_ = State::kPlain;
  return {};
}

void CsvSplitter::Put(char c) {
  if (++row_bytes_ > max_row_bytes_) {
    oversized_ = true;
    return;
  }
  field_.push_back(c);
}

void CsvSplitter::EndField() {
  if (fields_.size() < max_row_bytes_) fields_.push_back(std::move(field_));
  field_.clear();
  ++row_bytes_;  // commas count, so that the number of fields is bounded too
  if (row_bytes_ > max_row_bytes_) oversized_ = true;
  state_ = State::kFieldStart;
}

Result<void> CsvSplitter::EndRow() {
  const bool blank = state_ == State::kFieldStart && fields_.empty();
  if (blank) return {};
  EndField();
  ++rows_;
  if (columns_ == 0) columns_ = fields_.size();
  auto taken = sink_(fields_, oversized_);
  fields_.clear();
  row_bytes_ = 0;
  oversized_ = false;
  return taken;
}

Result<void> CsvSplitter::Finish() {
  const Error truncated{Code::kFailedPrecondition, "MASTER_TRUNCATED",
                        "the CSV ends in the middle of row " + std::to_string(rows_ + 1)};
  if (state_ == State::kQuoted) return truncated;
  const bool row_begun = state_ != State::kFieldStart || !fields_.empty();
  if (row_begun && fields_.size() + 1 < columns_) return truncated;
  return EndRow();
}

}  // namespace sauda::instruments
