#include <charconv>
#include <ctime>

#include "libs/http/client.hpp"

namespace sauda::http {

std::optional<std::int64_t> ParseHttpDateMs(std::string_view text) {
  std::tm parts{};
  const std::string copy{text};  // strptime wants an end
  const char* const end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return static_cast<std::int64_t>(::timegm(&parts)) * 1'000;
}

std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value, std::string_view date) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc{} && end == value.data() + value.size() && !value.empty()) {
    if (seconds < 0) return std::nullopt;
    return std::chrono::seconds{seconds};
  }
  const auto until = ParseHttpDateMs(value);
  const auto from = ParseHttpDateMs(date);
  if (!until || !from) return std::nullopt;
  return std::chrono::seconds{std::max<std::int64_t>(0, (*until - *from) / 1'000)};
}

}  // namespace sauda::http
