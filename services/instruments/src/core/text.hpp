#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sauda::instruments {

/// Whether this is UTF-8 without control characters: what the store, the wire and a terminal take.
bool IsPrintable(std::string_view text);

/// At most `most` bytes of foreign text, fit to be quoted in a message: whatever is no printable
/// ASCII shows as `?`.
std::string Shown(std::string_view text, std::size_t most = 60);

}  // namespace sauda::instruments
