#include "services/instruments/src/core/record_splitter.hpp"

#include <algorithm>

namespace sauda::instruments {
namespace {

constexpr unsigned kMaxDepth = 63;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Error RecordSplitter::Malformed(const std::string& what) const {
  return {Code::kInvalidArgument, "MASTER_MALFORMED",
          std::string{shape_ == Shape::kArray ? "not a JSON array of records: "
                                              : "no JSON objects one behind the other: "} +
              what + " at byte " + std::to_string(consumed_ + at_)};
}

Result<void> RecordSplitter::Feed(std::string_view bytes) {
  chunk_ = bytes;
  start_ = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (state_ == State::kInString) {  // most bytes are in strings: skip to what ends or escapes
      while (i < bytes.size() && bytes[i] != '"' && bytes[i] != '\\') ++i;
      if (i == bytes.size()) break;
      state_ = bytes[i] == '"' ? State::kInElement : State::kEscaped;
      continue;
    }
    at_ = i;
    if (auto stepped = Step(bytes[i], i); !stepped) return stepped;
  }
  const bool inside =
      state_ == State::kInElement || state_ == State::kInString || state_ == State::kEscaped;
  if (inside) Keep(bytes.substr(start_));
  consumed_ += bytes.size();
  return {};
}

Result<void> RecordSplitter::Step(char c, std::size_t position) {
  switch (state_) {
    case State::kInElement:
      return StepInElement(c, position);
    case State::kInString:  // handled in Feed
      return {};
    case State::kEscaped:
      state_ = State::kInString;
      return {};
    default:
      break;
  }
  if (IsSpace(c)) return {};
  switch (state_) {
    case State::kBeforeArray:
      if (c != '[') return Malformed("it does not begin with '['");
      state_ = State::kBeforeFirst;
      return {};
    case State::kBeforeFirst:
      if (c == ']') {
        state_ = State::kAfterArray;
        return {};
      }
      return StartElement(c, position);
    case State::kBeforeElement:
      return StartElement(c, position);
    default:
      return Malformed("something follows the array");
  }
}

Result<void> RecordSplitter::StartElement(char c, std::size_t position) {
  if (c == ',' || c == ']' || c == '}' || c == ':') return Malformed("a record is missing");
  if (shape_ == Shape::kLines && c != '{') return Malformed("a record is no object");
  start_ = position;
  carried_.clear();
  oversized_ = false;
  state_ = State::kInElement;
  return StepInElement(c, position);
}

Result<void> RecordSplitter::StepInElement(char c, std::size_t position) {
  switch (c) {
    case '"':
      state_ = State::kInString;
      return {};
    case '{':
      return Open(true);
    case '[':
      return Open(false);
    case '}':
      if (auto closed = Close(true); !closed || shape_ == Shape::kArray || depth_ > 0)
        return closed;
      state_ = State::kBeforeElement;
      return EndElement(position + 1);
    case ']':
      if (depth_ > 0) return Close(false);
      state_ = State::kAfterArray;
      return EndElement(position);
    case ',':
      if (depth_ > 0) return {};
      state_ = State::kBeforeElement;
      return EndElement(position);
    default:
      return {};
  }
}

Result<void> RecordSplitter::Open(bool object) {
  if (depth_ == kMaxDepth) return Malformed("nested too deeply");
  nesting_ = nesting_ << 1 | (object ? 1U : 0U);
  ++depth_;
  return {};
}

Result<void> RecordSplitter::Close(bool object) {
  if (depth_ == 0 || ((nesting_ & 1U) != 0) != object) return Malformed("unbalanced brackets");
  nesting_ >>= 1;
  --depth_;
  return {};
}

Result<void> RecordSplitter::EndElement(std::size_t position) {
  const std::string_view last = chunk_.substr(start_, position - start_);
  std::string_view record = last;
  if (!carried_.empty()) {
    Keep(last);
    record = carried_;
  } else if (last.size() > max_record_bytes_) {
    oversized_ = true;
  }
  while (!record.empty() && IsSpace(record.back())) record.remove_suffix(1);
  return sink_(record.substr(0, max_record_bytes_), oversized_);
}

void RecordSplitter::Keep(std::string_view bytes) {
  const std::size_t room = max_record_bytes_ - std::min(max_record_bytes_, carried_.size());
  if (bytes.size() > room) oversized_ = true;
  carried_.append(bytes.substr(0, room));
  start_ = 0;
}

Result<void> RecordSplitter::Finish() const {
  const State end = shape_ == Shape::kArray ? State::kAfterArray : State::kBeforeElement;
  if (state_ == end) return {};
  return Error{Code::kFailedPrecondition, "MASTER_TRUNCATED",
               "the file ends after " + std::to_string(consumed_) + " bytes, before its " +
                   (shape_ == Shape::kArray ? "array" : "last record") + " is closed"};
}

}  // namespace sauda::instruments
