#include "libs/upstox/broker_observer.hpp"

#include <charconv>
#include <optional>

#include "libs/http/client.hpp"

namespace sauda::upstox {
namespace {

constexpr std::int64_t kHalfSecondMs = 500;  // Date has whole seconds only

template <typename Number>
std::optional<Number> Read(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

void BrokerObserver::Observe(const http::Headers& headers) {
  if (headers.Get("X-Sauda-Simulated") == "1") simulated_ = true;
  if (const auto market_ms = Read<std::int64_t>(headers.Get("X-Sauda-Market-Time"))) {
    const auto speed = Read<double>(headers.Get("X-Sauda-Market-Speed")).value_or(1.0);
    clock_.Observe(*market_ms, speed >= 0.0 ? speed : 1.0);
  } else if (const auto date_ms = http::ParseHttpDateMs(headers.Get("Date"))) {
    clock_.Observe(*date_ms + kHalfSecondMs);
  }
}

}  // namespace sauda::upstox
