#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sauda::storage {

/// One row of a result in PostgreSQL's binary format: the way back from BinaryRows. Each read takes
/// the next column, which must be of the exact type; NULL is read by Maybe or skipped after
/// `is_null`. After a read that does not fit (another size, NULL, no column left) good() is false
/// and all later reads give zeros. Lives inside one QueryBinary; texts live as long.
class BinaryRow {
 public:
  using Columns = std::span<const std::optional<std::string_view>>;

  explicit BinaryRow(Columns columns) : columns_{columns} {}

  /// Whether the next column is NULL; true at the end of the row.
  bool is_null() const { return next_ >= columns_.size() || !columns_[next_]; }
  void Skip(std::size_t columns = 1) { next_ += columns; }

  bool Bool();
  std::int16_t Int2();
  std::int32_t Int4();
  std::int64_t Int8();
  double Float8();
  std::string_view Text();
  /// One dimension, no NULL inside; replaces what `values` holds.
  void Int8Array(std::vector<std::int64_t>& values);
  void Float8Array(std::vector<double>& values);
  void TextArray(std::vector<std::string>& values);
  std::string_view Bytea() { return Text(); }

  /// For a column that may be NULL: `row.Maybe(&BinaryRow::Float8)`.
  template <typename T>
  std::optional<T> Maybe(T (BinaryRow::*read)()) {
    if (!is_null()) return (this->*read)();
    Skip();
    return std::nullopt;
  }

  /// Every read so far was of a column of its type.
  bool good() const { return good_; }

 private:
  std::string_view Take();
  template <typename T>
  T Fixed();
  /// The elements of an array, after its head.
  template <typename Append>
  void Elements(std::int32_t oid, Append append);

  Columns columns_;
  std::size_t next_ = 0;
  bool good_ = true;
};

}  // namespace sauda::storage
