#include <bit>
#include <type_traits>
#include <utility>

#include "libs/storage/pg_copy.hpp"

namespace sauda::storage {

namespace {

constexpr std::int32_t kInt8Oid = 20;
constexpr std::int32_t kTextOid = 25;
constexpr std::int32_t kFloat8Oid = 701;
/// Dimensions, has-null flag, element type; then, for one dimension, its length and lower bound.
constexpr std::int32_t kEmptyArrayBytes = 12;
constexpr std::int32_t kArrayBytes = 20;

}  // namespace

BinaryRows::BinaryRows(Sink sink) : sink_{std::move(sink)} {
  buffer_.reserve(kChunkBytes + kChunkBytes / 8);
  buffer_.append("PGCOPY\n\377\r\n\0", 11);
  Big<std::int32_t>(0);  // flags
  Big<std::int32_t>(0);  // no header extension
}

template <typename T>
void BinaryRows::Big(T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  char bytes[sizeof(T)];
  for (std::size_t i = sizeof(T); i-- > 0; bits = static_cast<decltype(bits)>(bits >> 8U)) {
    bytes[i] = static_cast<char>(bits & 0xFFU);
  }
  buffer_.append(bytes, sizeof(T));
}

void BinaryRows::Header(std::int32_t bytes) { Big(bytes); }

void BinaryRows::FlushIfFull() {
  if (buffer_.size() < kChunkBytes) return;
  good_ = good_ && sink_(buffer_);
  buffer_.clear();
}

void BinaryRows::Row(std::int16_t columns) {
  FlushIfFull();
  Big(columns);
  ++rows_;
}

void BinaryRows::Null() { Header(-1); }

void BinaryRows::Bool(bool value) {
  Header(1);
  buffer_ += value ? '\1' : '\0';
}

void BinaryRows::Int2(std::int16_t value) {
  Header(2);
  Big(value);
}

void BinaryRows::Int4(std::int32_t value) {
  Header(4);
  Big(value);
}

void BinaryRows::Int8(std::int64_t value) {
  Header(8);
  Big(value);
}

void BinaryRows::Float8(double value) { Int8(std::bit_cast<std::int64_t>(value)); }

void BinaryRows::Text(std::string_view value) { Bytea(value); }

void BinaryRows::Bytea(std::string_view value) {
  Header(static_cast<std::int32_t>(value.size()));
  buffer_ += value;
}

void BinaryRows::Date(std::int32_t days_since_epoch) {
  constexpr std::int32_t kDaysTo2000 = 10'957;  // PostgreSQL counts from 2000-01-01
  Int4(days_since_epoch - kDaysTo2000);
}

void BinaryRows::TimestampTz(std::int64_t us_since_epoch) {
  constexpr std::int64_t kUsTo2000 = 946'684'800'000'000;
  Int8(us_since_epoch - kUsTo2000);
}

void BinaryRows::Jsonb(std::string_view json) {
  Header(static_cast<std::int32_t>(json.size()) + 1);
  buffer_ += '\1';  // version of the format
  buffer_ += json;
}

void BinaryRows::ArrayHead(std::int32_t oid, std::size_t count, std::size_t element_bytes) {
  const auto bytes = count == 0 ? kEmptyArrayBytes : kArrayBytes;
  Header(bytes + static_cast<std::int32_t>(element_bytes + count * sizeof(std::int32_t)));
  Big<std::int32_t>(count == 0 ? 0 : 1);
  Big<std::int32_t>(0);
  Big(oid);
  if (count == 0) return;
  Big(static_cast<std::int32_t>(count));
  Big<std::int32_t>(1);
}

void BinaryRows::Int8Array(std::span<const std::int64_t> values) {
  ArrayHead(kInt8Oid, values.size(), values.size_bytes());
  for (const auto value : values) Int8(value);
}

void BinaryRows::Float8Array(std::span<const double> values) {
  ArrayHead(kFloat8Oid, values.size(), values.size_bytes());
  for (const auto value : values) Float8(value);
}

void BinaryRows::TextArray(std::span<const std::string> values) {
  std::size_t bytes = 0;
  for (const auto& value : values) bytes += value.size();
  ArrayHead(kTextOid, values.size(), bytes);
  for (const auto& value : values) Text(value);
}

void BinaryRows::Finish() {
  Big<std::int16_t>(-1);
  good_ = good_ && sink_(buffer_);
  buffer_.clear();
}

}  // namespace sauda::storage
