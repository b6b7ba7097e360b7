#include "services/instruments/src/core/page_token.hpp"

#include <charconv>

namespace sauda::instruments {
namespace {

constexpr std::int64_t kMostOffset = 1'000'000;

/// FNV-1a over what a page token belongs to, so that it is refused with another request.
std::uint32_t Fingerprint(std::string_view request) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : request) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}

}  // namespace

std::string PageToken(std::int64_t offset, std::string_view request) {
  return std::to_string(offset) + "." + std::to_string(Fingerprint(request));
}

Result<std::int64_t> ReadPageToken(const std::string& token, std::string_view request) {
  if (token.empty()) return std::int64_t{0};
  std::int64_t offset = -1;
  (void)std::from_chars(token.data(), token.data() + token.size(), offset);  // checked next
  if (offset < 1 || offset > kMostOffset || token != PageToken(offset, request)) {
    return Error{Code::kInvalidArgument, "PAGE_TOKEN_INVALID",
                 "the page token is not one of this request"};
  }
  return offset;
}

}  // namespace sauda::instruments
