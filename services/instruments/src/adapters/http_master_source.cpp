#include "services/instruments/src/adapters/http_master_source.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "libs/http/client.hpp"
#include "libs/http/url.hpp"
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

struct HttpMasterSource::Way {
  const Sink& sink;
  std::chrono::milliseconds deadline;  // of one file
  std::size_t max_bytes = 0;           // of one file
  std::vector<Head> heads;             // of the files, in order
  std::int64_t size = 0;               // of all; 0: not known
  std::int64_t before = 0;             // bytes of the files that are over
  std::int64_t in_file = 0;            // bytes of the one at hand
  bool simulated = false;
  bool told = false;         // the sink has got something
  bool begins_file = false;  // the next piece does

  double share() const {
    return size == 0 ? 0 : static_cast<double>(before + in_file) / static_cast<double>(size);
  }
};

Result<HttpMasterSource::Head> HttpMasterSource::AskHead(const std::string& url) {
  const auto client = Connected();
  if (!client) return client.error();
  const auto answer = (*client)->Send({.method = "HEAD", .url = url}, options_.head_deadline);
  if (!answer) return Down(answer.error().error.reason + ": " + answer.error().error.message);
  const bool simulated = Observe(answer->headers) || options_.simulated;
  // A server that does not know HEAD is asked for the file itself.
  const bool refused = !answer->ok() && answer->status != 405 && answer->status != 501;
  if (refused) return Down(url + " answered " + std::to_string(answer->status));
  const auto size = ReadNumber<std::int64_t>(answer->headers.Get("Content-Length"));
  Head head{.simulated = simulated, .size = answer->ok() ? size.value_or(0) : 0};
  const std::string_view etag = answer->headers.Get("ETag");
  const std::string_view changed = answer->headers.Get("Last-Modified");
  if (!etag.empty()) {
    head.tag = url + " etag " + std::string{etag};
  } else if (!changed.empty()) {
    head.tag = url + " changed " + std::string{changed};
  }
  return head;
}

Result<void> HttpMasterSource::Probe() {
  const auto asked = AskHead(options_.choices.front().front());
  if (!asked) return asked.error();
  return {};
}

Result<void> HttpMasterSource::ReadFile(const std::string& url, Way& way) {
  way.begins_file = true;
  way.in_file = 0;
  // A sink's failure comes back as the transfer's; it must not be taken for the network's.
  std::optional<Error> refused;
  Inflater inflater{[&](std::string_view bytes) {
    const MasterChunk chunk{.bytes = bytes,
                            .simulated = way.simulated,
                            .begins_file = std::exchange(way.begins_file, false),
                            .share_read = way.share()};
    way.told = true;
    return way.sink(chunk);
  }};
  const auto answer = (*Connected())
                          ->Stream({.url = url}, way.deadline, way.max_bytes,
                                   [&](std::string_view bytes) -> Result<void> {
                                     way.in_file += static_cast<std::int64_t>(bytes.size());
                                     auto fed = inflater.Feed(bytes);
                                     if (!fed) refused = fed.error();
                                     return fed;
                                   });
  if (refused) return *refused;
  if (!answer) return Down(answer.error().error.reason + ": " + answer.error().error.message);
  if (!answer->ok()) return Down(url + " answered " + std::to_string(answer->status));
  way.before += way.in_file;
  return inflater.Finish();
}

Result<MasterOrigin> HttpMasterSource::ReadChoice(const MasterFiles& files,
                                                  const std::string& kept_tag, Way& way) {
  MasterOrigin origin;
  bool sizes = true;
  bool tags = true;
  for (const std::string& url : files) {
    auto head = AskHead(url);
    if (!head) return head.error();
    way.simulated = way.simulated || head->simulated;
    way.size += head->size;
    sizes = sizes && head->size > 0;
    tags = tags && !head->tag.empty();
    origin.tag += (origin.tag.empty() ? "" : "\n") + head->tag;
    origin.source += (origin.source.empty() ? "" : " + ") + url;
  }
  if (!sizes) way.size = 0;
  if (!tags) origin.tag.clear();
  origin.not_modified = !origin.tag.empty() && origin.tag == kept_tag;
  if (origin.not_modified) return origin;
  for (const std::string& url : files) {
    if (auto read = ReadFile(url, way); !read) return read.error();
  }
  return origin;
}

Result<MasterOrigin> HttpMasterSource::Read(const MasterRequest& request, const Sink& sink) {
  if (!request.file.empty()) return Error{Code::kInternal, "SOURCE_MIXED", "that is the folder's"};
  std::string tried;
  for (const MasterFiles& files : options_.choices) {
    Way way{.sink = sink, .deadline = options_.deadline, .max_bytes = options_.max_bytes};
    auto origin = ReadChoice(files, request.kept_tag, way);
    if (origin) {
      if (!tried.empty()) origin->source += ", since " + tried;
      return origin;
    }
    // What came in part is in the sink: another master cannot follow it.
    if (origin.error().reason != "SOURCE_DOWN" || way.told) return origin.error();
    tried += (tried.empty() ? "" : "; ") + origin.error().message;
  }
  return Down(tried);
}

Result<MasterOrigin> HttpMasterSource::ReadList(ListKind list, const std::string& kept_tag,
                                                const Sink& sink) {
  Way way{.sink = sink, .deadline = options_.list_deadline, .max_bytes = options_.list_max_bytes};
  return ReadChoice({options_.lists.at(IndexOf(list))}, kept_tag, way);
}

Result<std::vector<MasterFiles>> ReadMasterUrls(const std::string& text) {
  std::vector<MasterFiles> choices(1);
  std::string url;
  const auto end_url = [&]() -> Result<void> {
    const auto parsed = http::Url::Parse(url);
    if (!parsed) {
      return Error{Code::kInvalidArgument, "SETTINGS_INVALID",
                   "the address of the instrument file is wrong: " + parsed.error().message};
    }
    choices.back().push_back(std::exchange(url, {}));
    return {};
  };
  for (const char c : text) {
    if (c != ',' && c != '+') {
      url.push_back(c);
      continue;
    }
    if (auto ended = end_url(); !ended) return ended.error();
    if (c == ',') choices.emplace_back();
  }
  if (auto ended = end_url(); !ended) return ended.error();
  return choices;
}

}  // namespace sauda::instruments
