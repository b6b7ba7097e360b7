#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "simulator/src/core/logins.hpp"

namespace sauda::sim {

/// Random letters and digits, for codes and ids. From OpenSSL's generator.
std::string RandomText(std::size_t length);

/// A random UUID, version 4.
std::string RandomUuid();

/// Reads a secret kept in a file, or makes one and keeps it there, readable by the owner only.
/// Fails with kUnavailable / SECRET_UNWRITABLE.
Result<Secret> EnsureSecretFile(const std::string& path);

/// The tokens ended before their time, kept in a file. Reading gives none when there is no file.
/// Fails with kDataLoss / TOKENS_BROKEN, kUnavailable / TOKENS_UNWRITABLE.
Result<EndedTokens> ReadEndedTokens(const std::string& path);
Result<void> WriteEndedTokens(const std::string& path, const EndedTokens& ended);

/// Signs and reads access tokens: JWT, HS256, with the claims and header seen on the broker's.
/// Any thread may call it.
class TokenSigner {
 public:
  explicit TokenSigner(Secret key) : key_{std::move(key)} {}

  std::string Sign(const TokenClaims& claims) const;

  /// Absent when the text is no token or was not signed here.
  std::optional<TokenClaims> Read(std::string_view token) const;

 private:
  std::string Mac(std::string_view text) const;

  const Secret key_;
};

}  // namespace sauda::sim
