#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace sauda::journal {

/// Appends `value`, least byte first, whatever this machine's order is.
template <typename Integer>
void Put(std::string& to, Integer value) {
  auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    to.push_back(static_cast<char>(static_cast<unsigned char>(bits & 0xFFU)));
    if constexpr (sizeof(Integer) > 1) bits = static_cast<decltype(bits)>(bits >> 8U);
  }
}

/// The value whose bytes begin at `offset`. The caller has seen to it that they are there.
template <typename Integer>
Integer Get(std::string_view from, std::size_t offset) {
  std::uint64_t bits = 0;
  for (std::size_t i = sizeof(Integer); i > 0; --i) {
    bits = (bits << 8U) | static_cast<unsigned char>(from[offset + i - 1]);
  }
  return static_cast<Integer>(bits);
}

}  // namespace sauda::journal
