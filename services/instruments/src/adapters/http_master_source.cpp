#include "services/instruments/src/adapters/http_master_source.hpp"

#include <charconv>
#include <optional>

#include "libs/http/client.hpp"
#include "services/instruments/src/adapters/inflater.hpp"

namespace sauda::instruments {
namespace {

template <typename Number>
std::optional<Number> ReadNumber(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

Error Down(const std::string& why) { return {Code::kUnavailable, "SOURCE_DOWN", why}; }

}  // namespace

HttpMasterSource::HttpMasterSource(Connect connect, MarketClock& market_clock, Options options)
    : connect_{std::move(connect)}, market_clock_{market_clock}, options_{std::move(options)} {}

HttpMasterSource::~HttpMasterSource() = default;

bool HttpMasterSource::Observe(const http::Headers& headers) {
  const auto exact = ReadNumber<std::int64_t>(headers.Get("X-Sauda-Market-Time"));
  const auto speed = ReadNumber<double>(headers.Get("X-Sauda-Market-Speed"));
  const auto date = http::ParseHttpDateMs(headers.Get("Date"));
  if (exact) {
    market_clock_.Observe(*exact, speed.value_or(1.0));
  } else if (date) {
    market_clock_.Observe(*date);
  }
  return headers.Get("X-Sauda-Simulated") == "1";
}

Result<http::Client*> HttpMasterSource::Connected() {
  const std::lock_guard lock{mutex_};
  if (!client_) {
    auto made = connect_();
    if (!made) return Down(made.error().reason + ": " + made.error().message);
    client_ = std::move(*made);
  }
  return client_.get();
}

Result<bool> HttpMasterSource::AskHead() {
  const auto client = Connected();
  if (!client) return client.error();
  const auto head =
      (*client)->Send({.method = "HEAD", .url = options_.url}, options_.head_deadline);
  if (!head) return Down(head.error().error.reason + ": " + head.error().error.message);
  return Observe(head->headers) || options_.simulated;
}

Result<void> HttpMasterSource::Probe() {
  const auto asked = AskHead();
  if (!asked) return asked.error();
  return {};
}

Result<void> HttpMasterSource::Read(const std::string& file, const Sink& sink) {
  if (!file.empty()) return Error{Code::kInternal, "SOURCE_MIXED", "the broker has one file"};
  const auto simulated = AskHead();
  if (!simulated) return simulated.error();
  // A sink's failure comes back as the transfer's; it must not be taken for the network's.
  std::optional<Error> refused;
  Inflater inflater{[&](std::string_view bytes) { return sink({bytes, *simulated}); }};
  const auto answer = (*Connected())
                          ->Stream({.url = options_.url}, options_.deadline, options_.max_bytes,
                                   [&](std::string_view bytes) -> Result<void> {
                                     auto fed = inflater.Feed(bytes);
                                     if (!fed) refused = fed.error();
                                     return fed;
                                   });
  if (refused) return *refused;
  if (!answer) return Down(answer.error().error.reason + ": " + answer.error().error.message);
  if (!answer->ok()) {
    return Down(options_.url + " answered " + std::to_string(answer->status));
  }
  return inflater.Finish();
}

}  // namespace sauda::instruments
