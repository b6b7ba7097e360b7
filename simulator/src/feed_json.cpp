#include "simulator/src/feed_json.hpp"

#include <charconv>
#include <chrono>
#include <string_view>

#include <simdjson.h>

namespace sauda::sim {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::int64_t kIstAheadMs = 19'800'000;

/// Reads protobuf-JSON values into plain ones. What does not fit is remembered as a problem, so
/// that one look at the end is enough.
class Fields {
 public:
  void Real(element from, double& out) {
    double value = 0;
    if (from.get(value) != simdjson::SUCCESS) return Wrong("a number was expected");
    out = value;
  }
  /// int64 is a string in protobuf's JSON; a number is taken too.
  void Int(element from, std::int64_t& out) {
    std::string_view text;
    if (from.get(text) != simdjson::SUCCESS) {
      if (from.get(out) != simdjson::SUCCESS) Wrong("an integer was expected");
      return;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) Wrong("an integer was expected");
  }
  std::string_view Text(element from) {
    std::string_view value;
    if (from.get(value) != simdjson::SUCCESS) Wrong("a text was expected");
    return value;
  }
  object Object(element from) {
    object value;
    if (from.get(value) != simdjson::SUCCESS) Wrong("an object was expected");
    return value;
  }
  simdjson::dom::array Array(element from) {
    simdjson::dom::array value;
    if (from.get(value) != simdjson::SUCCESS) Wrong("an array was expected");
    return value;
  }
  void Wrong(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
  }
  void Unknown(std::string_view name) { Wrong("unknown field " + std::string{name}); }
  bool ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
};

void ReadTrade(Fields& fields, element from, FullState& state) {
  state.parts |= kTrade;
  for (const auto [name, value] : fields.Object(from)) {
    if (name == "ltp") {
      fields.Real(value, state.ltp);
    } else if (name == "ltt") {
      fields.Int(value, state.ltt_ms);
    } else if (name == "ltq") {
      fields.Int(value, state.ltq);
    } else if (name == "cp") {
      fields.Real(value, state.cp);
    } else if (name == "iep") {
      fields.Real(value, state.trade_iep.emplace());
    } else {
      fields.Unknown(name);
    }
    if (!fields.ok()) return;
  }
}

DepthLevel ReadLevel(Fields& fields, element from) {
  DepthLevel level;
  for (const auto [name, value] : fields.Object(from)) {
    if (name == "bidQ") {
      fields.Int(value, level.bid_qty);
    } else if (name == "bidP") {
      fields.Real(value, level.bid);
    } else if (name == "askQ") {
      fields.Int(value, level.ask_qty);
    } else if (name == "askP") {
      fields.Real(value, level.ask);
    } else {
      fields.Unknown(name);
    }
    if (!fields.ok()) break;
  }
  return level;
}

void ReadDepth(Fields& fields, element from, FullState& state) {
  state.parts |= kDepth;
  for (const auto [name, value] : fields.Object(from)) {
    if (name != "bidAskQuote") return fields.Unknown(name);
    for (const element level : fields.Array(value)) {
      state.depth.push_back(ReadLevel(fields, level));
      if (!fields.ok()) return;
    }
  }
}

void ReadGreeks(Fields& fields, element from, FullState& state) {
  state.parts |= kGreeks;
  Greeks& greeks = state.greeks;
  for (const auto [name, value] : fields.Object(from)) {
    if (name == "delta") {
      fields.Real(value, greeks.delta);
    } else if (name == "theta") {
      fields.Real(value, greeks.theta);
    } else if (name == "gamma") {
      fields.Real(value, greeks.gamma);
    } else if (name == "vega") {
      fields.Real(value, greeks.vega);
    } else if (name == "rho") {
      fields.Real(value, greeks.rho);
    } else {
      fields.Unknown(name);
    }
    if (!fields.ok()) return;
  }
}

Bar ReadBar(Fields& fields, element from) {
  Bar bar;
  for (const auto [name, value] : fields.Object(from)) {
    if (name == "interval") {
      bar.interval = fields.Text(value);
    } else if (name == "open") {
      fields.Real(value, bar.open);
    } else if (name == "high") {
      fields.Real(value, bar.high);
    } else if (name == "low") {
      fields.Real(value, bar.low);
    } else if (name == "close") {
      fields.Real(value, bar.close);
    } else if (name == "vol") {
      fields.Int(value, bar.volume);
    } else if (name == "ts") {
      fields.Int(value, bar.start_ms);
    } else {
      fields.Unknown(name);
    }
    if (!fields.ok()) break;
  }
  return bar;
}

void ReadBars(Fields& fields, element from, FullState& state) {
  state.parts |= kBars;
  for (const auto [name, value] : fields.Object(from)) {
    if (name != "ohlc") return fields.Unknown(name);
    for (const element bar : fields.Array(value)) {
      state.bars.push_back(ReadBar(fields, bar));
      if (!fields.ok()) return;
    }
  }
}

/// Fields that MarketFullFeed, IndexFullFeed and FirstLevelWithGreeks have between them.
void ReadBody(Fields& fields, element from, FullState& state) {
  for (const auto [name, value] : fields.Object(from)) {
    if (name == "ltpc") {
      ReadTrade(fields, value, state);
    } else if (name == "marketLevel") {
      ReadDepth(fields, value, state);
    } else if (name == "firstDepth") {
      state.parts |= kDepth;
      state.depth.push_back(ReadLevel(fields, value));
    } else if (name == "optionGreeks") {
      ReadGreeks(fields, value, state);
    } else if (name == "marketOHLC") {
      ReadBars(fields, value, state);
    } else if (name == "atp") {
      fields.Real(value, state.atp);
    } else if (name == "vtt") {
      fields.Int(value, state.vtt);
    } else if (name == "oi") {
      fields.Real(value, state.oi);
    } else if (name == "iv") {
      fields.Real(value, state.iv);
    } else if (name == "tbq") {
      fields.Real(value, state.tbq);
    } else if (name == "tsq") {
      fields.Real(value, state.tsq);
    } else if (name == "iep") {
      fields.Real(value, state.iep);
    } else if (name == "rp") {
      fields.Real(value, state.rp);
    } else if (name == "ieq") {
      fields.Int(value, state.ieq);
    } else if (name == "iiqTotal") {
      fields.Int(value, state.iiq_total);
    } else if (name == "iiqM") {
      fields.Int(value, state.iiq_market);
    } else if (name == "casEligible") {
      if (value.get(state.cas_eligible) != simdjson::SUCCESS) fields.Wrong("a flag was expected");
    } else {
      fields.Unknown(name);
    }
    if (!fields.ok()) return;
  }
}

/// `2025-12-15 15:43:53.792000` of India's clock, as epoch ms.
std::optional<std::int64_t> ParseRecordedMs(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t digits) -> std::optional<int> {
    if (at + digits > text.size()) return std::nullopt;
    int value = 0;
    const char* const end = text.data() + at + digits;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
  };
  const auto year = number(0, 4);
  const auto month = number(5, 2);
  const auto day = number(8, 2);
  const auto hour = number(11, 2);
  const auto minute = number(14, 2);
  const auto second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const int ms = text.size() > 20 ? number(20, 3).value_or(0) : 0;
  const auto since = std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{*hour} +
                     std::chrono::minutes{*minute} + std::chrono::seconds{*second} +
                     std::chrono::milliseconds{ms};
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count() - kIstAheadMs;
}

void ReadFullFeed(Fields& fields, element from, FullState& state) {
  for (const auto [name, value] : fields.Object(from)) {
    if (name != "marketFF" && name != "indexFF") return fields.Unknown(name);
    state.index = name == "indexFF";
    ReadBody(fields, value, state);
  }
}

Captured ReadElement(Fields& fields, object from) {
  Captured read;
  read.state.parts = 0;
  for (const auto [name, value] : from) {
    if (name == "fullFeed") {
      ReadFullFeed(fields, value, read.state);
    } else if (name == "ltpc") {
      ReadTrade(fields, value, read.state);
    } else if (name == "firstLevelWithGreeks") {
      ReadBody(fields, value, read.state);
    } else if (name == "instrumentKey") {
      read.instrument_key = fields.Text(value);
    } else if (name == "_insertion_time") {
      const auto ms = ParseRecordedMs(fields.Text(value));
      if (!ms) fields.Wrong("_insertion_time is no time");
      read.recorded_ms = ms.value_or(0);
    } else if (name != "requestMode") {
      fields.Unknown(name);
    }
    if (!fields.ok()) return read;
  }
  if (read.instrument_key.empty()) fields.Wrong("no instrumentKey");
  if (read.recorded_ms == 0) fields.Wrong("no _insertion_time");
  if (read.state.parts == 0) fields.Wrong("no feed");
  return read;
}

}  // namespace

class FeedJsonParser::Parser : public simdjson::dom::parser {};

FeedJsonParser::FeedJsonParser() : parser_{std::make_unique<Parser>()} {}
FeedJsonParser::FeedJsonParser(FeedJsonParser&&) noexcept = default;
FeedJsonParser::~FeedJsonParser() = default;

Result<Captured> FeedJsonParser::Parse(const std::string& text) {
  const auto refuse = [](const std::string& problem) {
    return Error{Code::kInvalidArgument, "FEED_JSON_INVALID", problem};
  };
  element parsed;
  if (parser_->parse(text.data(), text.size()).get(parsed) != simdjson::SUCCESS) {
    return refuse("not JSON");
  }
  Fields fields;
  Captured read = ReadElement(fields, fields.Object(parsed));
  if (!fields.ok()) return refuse(fields.problem());
  return read;
}

}  // namespace sauda::sim
