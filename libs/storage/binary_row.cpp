#include "libs/storage/binary_row.hpp"

#include <bit>
#include <type_traits>

namespace sauda::storage {
namespace {

constexpr std::int32_t kOidOfInt8 = 20;
constexpr std::int32_t kOidOfText = 25;
constexpr std::int32_t kOidOfFloat8 = 701;

template <typename T>
T BigEndian(std::string_view bytes) {
  std::make_unsigned_t<T> bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bits = static_cast<decltype(bits)>((bits << 8U) | static_cast<std::uint8_t>(bytes[i]));
  }
  return static_cast<T>(bits);
}

/// Cuts the first `size` bytes off; empty when there are fewer.
std::string_view Cut(std::string_view& bytes, std::size_t size) {
  if (bytes.size() < size) return bytes = {};
  const std::string_view front = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return front;
}

}  // namespace

std::string_view BinaryRow::Take() {
  if (is_null()) good_ = false;
  if (!good_) return {};
  return *columns_[next_++];
}

template <typename T>
T BinaryRow::Fixed() {
  const std::string_view bytes = Take();
  if (bytes.size() != sizeof(T)) {
    good_ = false;
    return {};
  }
  return BigEndian<T>(bytes);
}

bool BinaryRow::Bool() { return Fixed<std::int8_t>() != 0; }
std::int16_t BinaryRow::Int2() { return Fixed<std::int16_t>(); }
std::int32_t BinaryRow::Int4() { return Fixed<std::int32_t>(); }
std::int64_t BinaryRow::Int8() { return Fixed<std::int64_t>(); }
double BinaryRow::Float8() { return std::bit_cast<double>(Fixed<std::int64_t>()); }
std::string_view BinaryRow::Text() { return Take(); }

// Head: dimensions, has-null flag, element type; with one dimension its length and lower bound.
template <typename Append>
void BinaryRow::Elements(std::int32_t oid, Append append) {
  std::string_view bytes = Take();
  const auto word = [&]() -> std::int32_t {
    const std::string_view cut = Cut(bytes, sizeof(std::int32_t));
    good_ = good_ && cut.size() == sizeof(std::int32_t);
    return good_ ? BigEndian<std::int32_t>(cut) : 0;
  };
  const std::int32_t dimensions = word();
  (void)word();
  if (word() != oid || dimensions < 0 || dimensions > 1) good_ = false;
  if (!good_ || dimensions == 0) return;
  const std::int32_t count = word();
  (void)word();
  for (std::int32_t i = 0; i < count && good_; ++i) {
    const std::int32_t size = word();
    if (!good_ || size < 0 || static_cast<std::size_t>(size) > bytes.size()) {
      good_ = false;
      return;
    }
    good_ = append(Cut(bytes, static_cast<std::size_t>(size)));
  }
}

void BinaryRow::Int8Array(std::vector<std::int64_t>& values) {
  values.clear();
  Elements(kOidOfInt8, [&](std::string_view bytes) {
    if (bytes.size() != sizeof(std::int64_t)) return false;
    values.push_back(BigEndian<std::int64_t>(bytes));
    return true;
  });
}

void BinaryRow::Float8Array(std::vector<double>& values) {
  values.clear();
  Elements(kOidOfFloat8, [&](std::string_view bytes) {
    if (bytes.size() != sizeof(double)) return false;
    values.push_back(std::bit_cast<double>(BigEndian<std::int64_t>(bytes)));
    return true;
  });
}

void BinaryRow::TextArray(std::vector<std::string>& values) {
  values.clear();
  Elements(kOidOfText, [&](std::string_view bytes) {
    values.emplace_back(bytes);
    return true;
  });
}

}  // namespace sauda::storage
