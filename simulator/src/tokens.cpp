#include "simulator/src/tokens.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <unistd.h>

#include "libs/base/check.hpp"

namespace sauda::sim {
namespace {

/// Claims of ours: the broker's are not documented.
constexpr const char* kExtended = "isExtended";
constexpr const char* kAnalytics = "isAnalytics";

using nlohmann::json;

std::vector<unsigned char> RandomBytes(std::size_t count) {
  std::vector<unsigned char> bytes(count);
  Check(RAND_bytes(bytes.data(), static_cast<int>(count)) == 1, "the system gives random bytes");
  return bytes;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string ToBase64Url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), Bytes(bytes),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string padded{text};
  for (char& c : padded) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - padded.size() % 4) % 4;
  padded.append(padding, '=');
  std::string bytes(padded.size() / 4 * 3 + 1, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), Bytes(padded),
                                     static_cast<int>(padded.size()));
  if (length < 0 || static_cast<std::size_t>(length) < padding) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

}  // namespace

std::string RandomText(std::size_t length) {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  while (text.size() < length) {
    for (const unsigned char byte : RandomBytes(length)) {
      if (byte >= kAlphabet.size() * 7 || text.size() == length) continue;  // no bias
      text += kAlphabet[byte % kAlphabet.size()];
    }
  }
  return text;
}

std::string RandomUuid() {
  auto bytes = RandomBytes(16);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    std::array<char, 3> hex{};
    (void)std::snprintf(hex.data(), hex.size(), "%02x", bytes[i]);
    text += hex.data();
  }
  return text;
}

Result<Secret> EnsureSecretFile(const std::string& path) {
  std::error_code ignored;  // the open below tells
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
  if (std::ifstream file{path}; file) {
    std::string text;
    if (std::getline(file, text) && text.size() >= 32) return Secret{std::move(text)};
  }
  Secret made{RandomText(48)};
  const std::string line = made.Reveal() + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (file >= 0) ::close(file);
  if (!written) return Error{Code::kUnavailable, "SECRET_UNWRITABLE", "cannot write " + path};
  return made;
}

Result<EndedTokens> ReadEndedTokens(const std::string& path) {
  EndedTokens ended;
  std::ifstream file{path};
  if (!file) return ended;
  const json kept = json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto broken = [&path] {
    return Error{Code::kDataLoss, "TOKENS_BROKEN", path + " is not as it was written: remove it"};
  };
  if (!kept.is_object() || !kept.contains("generation") || !kept.contains("revoked") ||
      !kept["generation"].is_number_unsigned() || !kept["revoked"].is_object()) {
    return broken();
  }
  ended.generation = kept["generation"].get<std::uint64_t>();
  for (const auto& [id, ends_ms] : kept["revoked"].items()) {
    if (!ends_ms.is_number_integer()) return broken();
    ended.revoked[id] = ends_ms.get<std::int64_t>();
  }
  return ended;
}

Result<void> WriteEndedTokens(const std::string& path, const EndedTokens& ended) {
  const json kept = {{"generation", ended.generation}, {"revoked", ended.revoked}};
  const std::string fresh = path + ".new";
  std::ofstream file{fresh};
  file << kept.dump() << '\n';
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(fresh, path, failed);
  if (!file || failed) {
    return Error{Code::kUnavailable, "TOKENS_UNWRITABLE", "cannot write " + path};
  }
  return {};
}

std::string TokenSigner::Mac(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  const std::string& key = key_.Reveal();
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text), text.size(), mac.data(),
       &length);
  return ToBase64Url({reinterpret_cast<const char*>(mac.data()), length});
}

std::string TokenSigner::Sign(const TokenClaims& claims) const {
  const json header = {{"typ", "JWT"}, {"key_id", "sk_v1.0"}, {"alg", "HS256"}};
  json payload = {{"sub", claims.subject},          {"jti", claims.id},
                  {"isMultiClient", false},         {"isPlusPlan", claims.plus_plan},
                  {"iat", claims.issued_ms / 1000}, {"iss", "udapi-gateway-service"},
                  {"exp", claims.expires_ms / 1000}};
  if (claims.kind == TokenKind::kExtended) payload[kExtended] = true;
  if (claims.kind == TokenKind::kAnalytics) payload[kAnalytics] = true;
  const std::string text = ToBase64Url(header.dump()) + "." + ToBase64Url(payload.dump());
  return text + "." + Mac(text);
}

std::optional<TokenClaims> TokenSigner::Read(std::string_view token) const {
  const std::size_t dot = token.rfind('.');
  const std::size_t first = token.find('.');
  if (dot == std::string_view::npos || first == dot) return std::nullopt;
  const std::string mac = Mac(token.substr(0, dot));
  const std::string_view given = token.substr(dot + 1);
  if (mac.size() != given.size() || CRYPTO_memcmp(mac.data(), given.data(), mac.size()) != 0) {
    return std::nullopt;
  }
  const auto text = FromBase64Url(token.substr(first + 1, dot - first - 1));
  const json payload = json::parse(text.value_or(""), nullptr, /*allow_exceptions=*/false);
  if (!payload.is_object()) return std::nullopt;
  TokenKind kind = TokenKind::kAccess;
  if (payload.value(kExtended, false)) kind = TokenKind::kExtended;
  if (payload.value(kAnalytics, false)) kind = TokenKind::kAnalytics;
  return TokenClaims{.subject = payload.value("sub", ""),
                     .id = payload.value("jti", ""),
                     .plus_plan = payload.value("isPlusPlan", false),
                     .issued_ms = payload.value("iat", std::int64_t{0}) * 1000,
                     .expires_ms = payload.value("exp", std::int64_t{0}) * 1000,
                     .kind = kind};
}

}  // namespace sauda::sim
