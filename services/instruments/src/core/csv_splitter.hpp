#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// Splits CSV (RFC 4180: quotes, doubled quotes, LF or CRLF) into rows of fields while it arrives,
/// in pieces of any size. Memory: one row, at most `max_row_bytes`. Not thread-safe.
class CsvSplitter {
 public:
  /// Gets each row's fields, unquoted; the row may be changed. A failure ends the split and is
  /// handed on.
  using Sink = std::function<Result<void>(std::vector<std::string>& fields, bool oversized)>;

  CsvSplitter(std::size_t max_row_bytes, Sink sink)
      : max_row_bytes_{max_row_bytes}, sink_{std::move(sink)} {}

  /// Fails with kInvalidArgument / MASTER_MALFORMED when a quote stands where none may, or as the
  /// sink did.
  Result<void> Feed(std::string_view bytes);

  /// Ends the last row when no line break did. Fails with kFailedPrecondition / MASTER_TRUNCATED
  /// inside quotes or when the last row has fewer fields than the first, or as the sink did.
  Result<void> Finish();

 private:
  enum class State : std::uint8_t { kFieldStart, kPlain, kQuoted, kQuoteInQuoted };

  Result<void> Step(char c);
  void Put(char c);
  void EndField();
  Result<void> EndRow();

  const std::size_t max_row_bytes_;
  const Sink sink_;
  State state_ = State::kFieldStart;
  std::vector<std::string> fields_;
  std::string field_;
  std::size_t row_bytes_ = 0;
  std::size_t columns_ = 0;  // of the first row
  bool oversized_ = false;
  std::uint64_t rows_ = 0;
};

}  // namespace sauda::instruments
