#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sauda::keys {

/// A SHA-256.
using Digest = std::array<std::uint8_t, 32>;

Digest Sha256(std::string_view bytes);

/// 64 lower-case hexadecimal digits.
std::string ToHex(const Digest& digest);

/// The way back, also from upper case; absent for anything but 64 hexadecimal digits.
std::optional<Digest> FromHex(std::string_view text);

/// From 32 bytes as they are; absent for another number.
std::optional<Digest> FromBytes(std::string_view bytes);

/// The 32 bytes as they are.
std::string ToBytes(const Digest& digest);

/// Whether two digests are equal, in a time that does not tell where they differ.
bool SameDigest(const Digest& a, const Digest& b);

}  // namespace sauda::keys
