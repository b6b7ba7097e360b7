#pragma once

#include <cstddef>
#include <cstdint>

#include "libs/journal/crc32c.hpp"
#include "libs/journal/format.hpp"
#include "libs/journal/little_endian.hpp"

namespace sauda::journal {

/// Sets the sum that stands `crc_at` bytes into `size` bytes to what it must be.
inline void SetSum(char* bytes, std::size_t size, std::size_t crc_at) {
  const std::string_view whole{bytes, size};
  const std::uint32_t sum = Crc32c(whole.substr(crc_at + 4), Crc32c(whole.substr(0, crc_at)));
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[crc_at + i] = static_cast<char>(static_cast<unsigned char>(sum >> (8 * i)));
  }
}

/// Makes the sums of a segment fit what it says, from its beginning as far as lengths can be
/// followed: no change of a byte gets past them else.
inline void SetSums(char* bytes, std::size_t size) {
  if (size < kHeaderPrefixBytes) return;
  const std::size_t header = Get<std::uint32_t>({bytes, size}, 12);
  if (header < kHeaderPrefixBytes || header > size) return;
  SetSum(bytes, header, 16);
  for (std::size_t at = header; size - at >= kRecordBytesWithoutText;) {
    const std::size_t length = Get<std::uint32_t>({bytes, size}, at) + kRecordPrefixBytes;
    if (length < kRecordBytesWithoutText || length > size - at) return;
    SetSum(bytes + at, length, 4);
    at += length;
  }
}

}  // namespace sauda::journal
