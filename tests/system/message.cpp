#include "tests/system/message.hpp"

#include <cstdio>
#include <ostream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>
#include <zlib.h>

namespace sauda::test {
namespace {

using simdjson::dom::element;

constexpr std::int64_t kSessionStartMs = 1'765'771'200'000;  // 2025-12-15 09:30 IST

double Real(const element& parent, const char* name) {
  double value = 0;
  return parent[name].get(value) == simdjson::SUCCESS ? value : 0;
}

/// protobuf-JSON writes int64 as text.
std::int64_t Whole(const element& parent, const char* name) {
  std::string_view text;
  if (parent[name].get(text) != simdjson::SUCCESS) return 0;
  return std::stoll(std::string{text});
}

Message::Level LevelOf(const element& quote) {
  return {.bid_quantity = Whole(quote, "bidQ"),
          .bid_price = Real(quote, "bidP"),
          .ask_quantity = Whole(quote, "askQ"),
          .ask_price = Real(quote, "askP")};
}

Message::Bar BarOf(const element& bar) {
  const std::string_view interval = bar["interval"];
  return {.interval = std::string{interval},
          .ohlc = {Real(bar, "open"), Real(bar, "high"), Real(bar, "low"), Real(bar, "close")},
          .volume = Whole(bar, "vol"),
          .start = Whole(bar, "ts")};
}

Message FromCapture(const element& recorded) {
  const element market = recorded["fullFeed"]["marketFF"];
  Message message;
  element part;
  if (market["ltpc"].get(part) == simdjson::SUCCESS) {
    message.ltp = Real(part, "ltp");
    message.ltt = Whole(part, "ltt");
    message.ltq = Whole(part, "ltq");
    message.cp = Real(part, "cp");
  }
  if (market["marketLevel"]["bidAskQuote"].get(part) == simdjson::SUCCESS) {
    for (const element quote : part.get_array()) message.depth.push_back(LevelOf(quote));
  }
  if (market["optionGreeks"].get(part) == simdjson::SUCCESS) {
    message.has_greeks = true;
    message.greeks = {Real(part, "delta"), Real(part, "theta"), Real(part, "gamma"),
                      Real(part, "vega"), Real(part, "rho")};
  }
  if (market["marketOHLC"]["ohlc"].get(part) == simdjson::SUCCESS) {
    for (const element bar : part.get_array()) message.bars.push_back(BarOf(bar));
  }
  message.atp = Real(market, "atp");
  message.vtt = Whole(market, "vtt");
  message.oi = Real(market, "oi");
  message.iv = Real(market, "iv");
  message.tbq = Real(market, "tbq");
  message.tsq = Real(market, "tsq");
  return message;
}

std::string Inflate(const std::string& file) {
  std::string text;
  auto* const in = gzopen(file.c_str(), "rb");
  EXPECT_NE(in, nullptr) << file;
  std::string chunk(1U << 20U, '\0');
  for (int read = 0; (read = gzread(in, chunk.data(), static_cast<unsigned>(chunk.size()))) > 0;) {
    text.append(chunk, 0, static_cast<std::size_t>(read));
  }
  gzclose(in);
  return text;
}

/// Leaves zeros out, as protobuf-JSON does.
void Put(nlohmann::json& out, const char* name, double value) {
  if (value != 0) out[name] = value;
}
void PutWhole(nlohmann::json& out, const char* name, std::int64_t value) {
  if (value != 0) out[name] = std::to_string(value);
}

nlohmann::json ToCapture(const Message& message) {
  nlohmann::json ltpc = nlohmann::json::object();
  Put(ltpc, "ltp", message.ltp);
  PutWhole(ltpc, "ltt", message.ltt);
  PutWhole(ltpc, "ltq", message.ltq);
  Put(ltpc, "cp", message.cp);
  nlohmann::json levels = nlohmann::json::array();
  for (const auto& level : message.depth) {
    nlohmann::json quote = nlohmann::json::object();
    PutWhole(quote, "bidQ", level.bid_quantity);
    Put(quote, "bidP", level.bid_price);
    PutWhole(quote, "askQ", level.ask_quantity);
    Put(quote, "askP", level.ask_price);
    levels.push_back(quote);
  }
  nlohmann::json bars = nlohmann::json::array();
  for (const auto& bar : message.bars) {
    nlohmann::json one{{"interval", bar.interval}};
    Put(one, "open", bar.ohlc[0]);
    Put(one, "high", bar.ohlc[1]);
    Put(one, "low", bar.ohlc[2]);
    Put(one, "close", bar.ohlc[3]);
    PutWhole(one, "vol", bar.volume);
    PutWhole(one, "ts", bar.start);
    bars.push_back(one);
  }
  nlohmann::json market{
      {"ltpc", ltpc}, {"marketLevel", {{"bidAskQuote", levels}}}, {"marketOHLC", {{"ohlc", bars}}}};
  if (message.has_greeks) {
    nlohmann::json greeks = nlohmann::json::object();
    const std::array<const char*, 5> names{"delta", "theta", "gamma", "vega", "rho"};
    for (std::size_t i = 0; i < names.size(); ++i) Put(greeks, names[i], message.greeks[i]);
    market["optionGreeks"] = greeks;
  }
  Put(market, "atp", message.atp);
  PutWhole(market, "vtt", message.vtt);
  Put(market, "oi", message.oi);
  Put(market, "iv", message.iv);
  Put(market, "tbq", message.tbq);
  Put(market, "tsq", message.tsq);
  return {{"fullFeed", {{"marketFF", market}}}, {"requestMode", "full_d5"}};
}

/// `2025-12-15 09:30:00.000000`, the recorder's clock: IST without a zone.
std::string RecorderTime(std::int64_t since_start_ms) {
  const std::int64_t ms = 9 * 3'600'000LL + 30 * 60'000LL + since_start_ms;
  std::array<char, 40> text{};
  (void)std::snprintf(text.data(), text.size(), "2025-12-15 %02d:%02d:%02d.%06d",
                      static_cast<int>(ms / 3'600'000), static_cast<int>(ms / 60'000 % 60),
                      static_cast<int>(ms / 1'000 % 60), static_cast<int>(ms % 1'000) * 1'000);
  return text.data();
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Message& message) {
  return out << ToCapture(message).dump();
}

Recording ReadCaptures(const std::vector<std::string>& files) {
  Recording recording;
  for (const auto& file : files) {
    simdjson::dom::parser parser;
    const simdjson::padded_string text{Inflate(file)};
    const element all = parser.parse(text);
    for (const element recorded : all.get_array()) {
      const std::string_view key = recorded["instrumentKey"];
      recording[std::string{key}].push_back(FromCapture(recorded));
    }
  }
  return recording;
}

void WriteCapture(const std::string& file, const std::string& key,
                  const std::vector<Message>& messages, int spacing_ms) {
  nlohmann::json all = nlohmann::json::array();
  std::int64_t since_start_ms = 0;
  for (const auto& message : messages) {
    nlohmann::json one = ToCapture(message);
    one["instrumentKey"] = key;
    one["_insertion_time"] = RecorderTime(since_start_ms += spacing_ms);
    all.push_back(std::move(one));
  }
  const std::string text = all.dump();
  auto* const out = gzopen(file.c_str(), "wb1");
  EXPECT_NE(out, nullptr) << file;
  EXPECT_EQ(gzwrite(out, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  EXPECT_EQ(gzclose(out), Z_OK);
}

std::vector<Message> MadeMessages(int count, bool option) {
  std::vector<Message> messages;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto step = static_cast<double>(i % 97);
    const double price = (option ? 700.05 : 1'050.1) + 0.05 * step;
    Message message{.ltp = price,
                    .ltt = kSessionStartMs + i / 2 * 250,  // every second one repeats the trade
                    .ltq = 35 * (i % 5),
                    .cp = 622.85,
                    .has_greeks = true,
                    .atp = price - 1.5,
                    .vtt = 1'000 + 35 * i,
                    .tbq = i % 11 == 0 ? 0.0 : 9'835.0 + static_cast<double>(i),
                    .tsq = 11'690.0 - static_cast<double>(i % 1'000)};
    for (std::int64_t level = 0; level < 5; ++level) {
      const double away = 0.05 * static_cast<double>(level + 1);
      if (level == 4 && i % 7 == 0) {
        message.depth.emplace_back();  // a missing level
      } else {
        message.depth.push_back({.bid_quantity = 35 * (level + 1),
                                 .bid_price = price - away,
                                 .ask_quantity = i % 13 == 0 ? 0 : 70 + level,
                                 .ask_price = i % 13 == 0 ? 0 : price + away});
      }
    }
    if (option) {
      message.greeks = {-0.6416 + 0.0001 * static_cast<double>(i % 50), -15.358, 0.0003, 45.3725,
                        -16.2522};
      const std::int64_t open_interest = 71'365 + i / 100;
      message.oi = static_cast<double>(open_interest);
      message.iv = 0.1032257080078125;
    }
    message.bars.push_back({.interval = "1d",
                            .ohlc = {price - 20, price + 30, price - 40, price},
                            .volume = 1'000 + 35 * (i - i % 3),
                            .start = 1'765'737'000'000});
    message.bars.push_back({.interval = "I1",
                            .ohlc = {price, price + 1, price - 1, price},
                            .volume = 1'575,
                            .start = kSessionStartMs});
    messages.push_back(std::move(message));
  }
  return messages;
}

Message FromTick(const feed::v1alpha1::Tick& tick) {
  Message message{.ltp = tick.last().price(),
                  .ltt = tick.last().time_ms(),
                  .ltq = tick.last().quantity(),
                  .cp = tick.last().previous_close(),
                  .has_greeks = tick.has_greeks(),
                  .greeks = {tick.greeks().delta(), tick.greeks().theta(), tick.greeks().gamma(),
                             tick.greeks().vega(), tick.greeks().rho()},
                  .atp = tick.average_price(),
                  .vtt = tick.volume(),
                  .oi = tick.open_interest(),
                  .iv = tick.implied_volatility(),
                  .tbq = tick.total_buy_quantity(),
                  .tsq = tick.total_sell_quantity()};
  for (const auto& level : tick.depth()) {
    message.depth.push_back(
        {level.bid_quantity(), level.bid_price(), level.ask_quantity(), level.ask_price()});
  }
  for (const auto& bar : tick.bars()) {
    message.bars.push_back({.interval = bar.interval(),
                            .ohlc = {bar.open(), bar.high(), bar.low(), bar.close()},
                            .volume = bar.volume(),
                            .start = bar.start_ms()});
  }
  return message;
}

namespace {

/// A member of a JSON object; its zero when it is absent or null.
template <typename Value>
Value Of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? Value{} : found->template get<Value>();
}

}  // namespace

Message FromRow(const nlohmann::json& row) {
  Message message{
      .ltp = Of<double>(row, "last_price"),
      .ltt = Of<std::int64_t>(row, "last_time_ms"),
      .ltq = Of<std::int64_t>(row, "last_quantity"),
      .cp = Of<double>(row, "previous_close"),
      .has_greeks = !row.at("delta").is_null(),
      .greeks = {Of<double>(row, "delta"), Of<double>(row, "theta"), Of<double>(row, "gamma"),
                 Of<double>(row, "vega"), Of<double>(row, "rho")},
      .atp = Of<double>(row, "average_price"),
      .vtt = Of<std::int64_t>(row, "volume"),
      .oi = Of<double>(row, "open_interest"),
      .iv = Of<double>(row, "implied_volatility"),
      .tbq = Of<double>(row, "total_buy_quantity"),
      .tsq = Of<double>(row, "total_sell_quantity")};
  for (std::size_t i = 0; i < row.at("bid_prices").size(); ++i) {
    message.depth.push_back({row["bid_quantities"][i], row["bid_prices"][i],
                             row["ask_quantities"][i], row["ask_prices"][i]});
  }
  for (std::size_t i = 0; i < row.at("bar_intervals").size(); ++i) {
    message.bars.push_back({.interval = row["bar_intervals"][i],
                            .ohlc = {row["bar_opens"][i], row["bar_highs"][i], row["bar_lows"][i],
                                     row["bar_closes"][i]},
                            .volume = row["bar_volumes"][i],
                            .start = row["bar_starts_ms"][i]});
  }
  return message;
}

SseTick FromSse(const std::string& json) {
  const auto tick = nlohmann::json::parse(json);
  SseTick read{.key = tick.at("key"),
               .snapshot = tick.at("snapshot"),
               .simulated = tick.at("simulated"),
               .message = {.ltp = Of<double>(tick, "ltp"),
                           .ltt = Of<std::int64_t>(tick, "ltt"),
                           .ltq = Of<std::int64_t>(tick, "ltq"),
                           .cp = Of<double>(tick, "cp"),
                           .has_greeks = tick.contains("greeks"),
                           .atp = Of<double>(tick, "average_price"),
                           .vtt = Of<std::int64_t>(tick, "volume"),
                           .oi = Of<double>(tick, "open_interest"),
                           .iv = Of<double>(tick, "implied_volatility"),
                           .tbq = Of<double>(tick, "total_buy_quantity"),
                           .tsq = Of<double>(tick, "total_sell_quantity")}};
  if (read.message.has_greeks) {
    const auto& greeks = tick["greeks"];
    read.message.greeks = {greeks["delta"], greeks["theta"], greeks["gamma"], greeks["vega"],
                           greeks["rho"]};
  }
  for (const auto& level : tick.at("depth")) {
    read.message.depth.push_back(
        {level["bid_quantity"], level["bid_price"], level["ask_quantity"], level["ask_price"]});
  }
  for (const auto& bar : tick.at("bars")) {
    read.message.bars.push_back({.interval = bar["interval"],
                                 .ohlc = {bar["open"], bar["high"], bar["low"], bar["close"]},
                                 .volume = bar["volume"],
                                 .start = bar["start_ms"]});
  }
  return read;
}

std::size_t CountOf(const Recording& recording) {
  std::size_t count = 0;
  for (const auto& [key, messages] : recording) count += messages.size();
  return count;
}

}  // namespace sauda::test
