#pragma once

#include <cstdint>
#include <string_view>

namespace sauda::journal {

/// CRC-32C (Castagnoli; RFC 3720, B.4) of `bytes`. `before` is the sum of what stands before them,
/// 0 when nothing does: Crc32c(b, Crc32c(a)) is the sum of a and b joined. Uses the processor's
/// instruction where there is one.
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The same sum from a table, on every processor. Here so that a test compares the two.
std::uint32_t Crc32cByTable(std::string_view bytes, std::uint32_t before = 0);

}  // namespace sauda::journal
