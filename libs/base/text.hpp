#pragma once

#include <cstddef>
#include <string_view>

namespace sauda {

/// Bytes of the character that `text` begins with, 1 to 4; 0: `text` is empty or does not begin
/// with well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
std::size_t Utf8Length(std::string_view text);

/// Whether the bytes are well-formed UTF-8.
bool IsUtf8(std::string_view text);

/// Whether a host's name without a port means this machine whoever resolves it: `localhost`, `::1`
/// or a whole address of 127.0.0.0/8. A name that only begins so may lead anywhere.
bool IsLoopbackHost(std::string_view host);

}  // namespace sauda
