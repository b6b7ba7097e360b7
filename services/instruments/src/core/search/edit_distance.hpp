#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace sauda::instruments {

/// How many characters must be put in, left out, changed or swapped with their neighbour to make
/// one word of the other; `most` + 1 when it is more than `most`. Of a word longer than 32
/// characters: 0 when they are equal, else `most` + 1.
int EditDistance(std::string_view a, std::string_view b, int most);

/// Which characters a word has, a bit each for the letters, digits sharing some.
constexpr std::uint32_t LettersOf(std::string_view word) {
  std::uint32_t has = 0;
  for (const char c : word) {
    const bool letter = c >= 'a' && c <= 'z';
    has |= 1U << static_cast<unsigned>(letter ? c - 'a' : 26 + static_cast<unsigned char>(c) % 6);
  }
  return has;
}

/// Whether two words of those letters can be so near at all: a mistake brings in one character and
/// takes one out at most. Nearly all words of a dictionary are told apart by it.
constexpr bool MayBeNear(std::uint32_t a, std::uint32_t b, int most) {
  return std::popcount(a & ~b) <= most && std::popcount(b & ~a) <= most;
}

}  // namespace sauda::instruments
