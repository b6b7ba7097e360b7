#pragma once

#include <string_view>

namespace sauda::instruments {

/// How many characters must be put in, left out, changed or swapped with their neighbour to make
/// one word of the other; `most` + 1 when it is more than `most`. Of a word longer than 32
/// characters: 0 when they are equal, else `most` + 1.
int EditDistance(std::string_view a, std::string_view b, int most);

}  // namespace sauda::instruments
