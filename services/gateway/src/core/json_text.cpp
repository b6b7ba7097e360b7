#include "services/gateway/src/core/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace sauda::gateway {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

void Append(std::string& out, std::int64_t number) { out += std::to_string(number); }

/// The shortest text that reads back as the same double; JSON has no word for the others.
void Append(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(text.data(), end);
}

/// To four decimals, as no price is finer: without the tail that a difference of doubles has.
double ChangeOf(const Quote::Last& last) {
  constexpr double kScale = 1e4;
  return std::round((last.price - last.previous_close) * kScale) / kScale;
}

template <typename Number>
void Field(std::string& out, std::string_view name, Number value) {
  out += ",\"";
  out += name;
  out += "\":";
  Append(out, value);
}

void Flag(std::string& out, std::string_view name, bool value) {
  out += ",\"";
  out += name;
  out += value ? "\":true" : "\":false";
}

/// Opens an object or a list as a field; its first inner field drops the comma.
void Open(std::string& out, std::string_view name, char bracket) {
  out += ",\"";
  out += name;
  out += "\":";
  out += bracket;
}

/// What Field wrote for one object, between braces.
template <typename Body>
void Object(std::string& out, const Body& body) {
  out += '{';
  const std::size_t start = out.size();
  body();
  out.erase(start, 1);  // the first field's comma
  out += '}';
}

void AppendLast(std::string& out, const Quote::Last& last) {
  Field(out, "ltp", last.price);
  Field(out, "ltt", last.time_ms);
  Field(out, "ltq", last.quantity);
  Field(out, "cp", last.previous_close);
  if (last.previous_close != 0) Field(out, "change", ChangeOf(last));
  if (last.indicative_price) Field(out, "indicative_price", *last.indicative_price);
}

void AppendDepth(std::string& out, const Quote& quote) {
  Open(out, "depth", '[');
  for (const auto& level : quote.depth) {
    Object(out, [&] {
      Field(out, "bid_quantity", level.bid_quantity);
      Field(out, "bid_price", level.bid_price);
      Field(out, "ask_quantity", level.ask_quantity);
      Field(out, "ask_price", level.ask_price);
    });
    out += ',';
  }
  if (out.back() == ',') out.pop_back();
  out += ']';
}

void AppendBars(std::string& out, const Quote& quote) {
  Open(out, "bars", '[');
  for (const auto& bar : quote.bars) {
    out += "{\"interval\":";
    AppendJsonString(out, bar.interval);
    Field(out, "open", bar.open);
    Field(out, "high", bar.high);
    Field(out, "low", bar.low);
    Field(out, "close", bar.close);
    Field(out, "volume", bar.volume);
    Field(out, "start_ms", bar.start_ms);
    out += "},";
  }
  if (out.back() == ',') out.pop_back();
  out += ']';
}

void AppendGreeks(std::string& out, const Quote::Greeks& greeks) {
  out += ",\"greeks\":";
  Object(out, [&] {
    Field(out, "delta", greeks.delta);
    Field(out, "theta", greeks.theta);
    Field(out, "gamma", greeks.gamma);
    Field(out, "vega", greeks.vega);
    Field(out, "rho", greeks.rho);
  });
}

void AppendAuction(std::string& out, const Quote::Auction& auction) {
  out += ",\"auction\":";
  Object(out, [&] {
    Field(out, "equilibrium_price", auction.equilibrium_price);
    Field(out, "reference_price", auction.reference_price);
    Field(out, "equilibrium_quantity", auction.equilibrium_quantity);
    Field(out, "imbalance_quantity", auction.imbalance_quantity);
    Field(out, "market_imbalance_quantity", auction.market_imbalance_quantity);
    Flag(out, "closing_auction_eligible", auction.closing_auction_eligible);
  });
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20) {
      out += "\\u00";
      out += {kHex[byte >> 4U], kHex[byte & 0xfU]};
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string TickJson(const Quote& quote, std::string_view instance, bool snapshot, bool stale) {
  std::string out = "{\"key\":";
  out.reserve(1'600);
  AppendJsonString(out, quote.key);
  Field(out, "instrument_id", quote.instrument_id);
  out += ",\"instance\":";
  AppendJsonString(out, instance);
  Field(out, "seq", static_cast<std::int64_t>(quote.seq));
  if (quote.last) AppendLast(out, *quote.last);
  Field(out, "updated_at", quote.received_ns / kNsPerMs);
  out += R"(,"received_ns":")" + std::to_string(quote.received_ns) + '"';
  Field(out, "broker_ms", quote.broker_ms);
  out += ",\"mode\":";
  AppendJsonString(out, quote.mode);
  Flag(out, "snapshot", snapshot);
  if (stale) Flag(out, "stale", true);
  Flag(out, "broker_snapshot", quote.broker_snapshot);
  Flag(out, "simulated", quote.simulated);
  AppendDepth(out, quote);
  if (quote.greeks) AppendGreeks(out, *quote.greeks);
  AppendBars(out, quote);
  Field(out, "average_price", quote.average_price);
  Field(out, "volume", quote.volume);
  Field(out, "open_interest", quote.open_interest);
  Field(out, "implied_volatility", quote.implied_volatility);
  Field(out, "total_buy_quantity", quote.total_buy_quantity);
  Field(out, "total_sell_quantity", quote.total_sell_quantity);
  if (quote.auction) AppendAuction(out, *quote.auction);
  out += '}';
  return out;
}

std::string PriceJson(const Quote& quote) {
  std::string out = "{\"ltp\":";
  if (quote.last) {
    Append(out, quote.last->price);
    Field(out, "ltt", quote.last->time_ms);
    Field(out, "ltq", quote.last->quantity);
    Field(out, "cp", quote.last->previous_close);
    if (quote.last->previous_close != 0) {
      Field(out, "change", ChangeOf(*quote.last));
    } else {
      out += ",\"change\":null";
    }
  } else {
    out += R"(null,"ltt":null,"ltq":null,"cp":null,"change":null)";
  }
  Field(out, "updated_at", quote.received_ns / kNsPerMs);
  Flag(out, "simulated", quote.simulated);
  out += '}';
  return out;
}

std::string TickEvent(const Quote& quote, std::string_view instance, bool snapshot, bool stale) {
  std::string out = "event: tick\nid: ";
  out += instance;
  out += '-';
  out += std::to_string(quote.seq);
  out += "\ndata: ";
  out += TickJson(quote, instance, snapshot, stale);
  out += "\n\n";
  return out;
}

}  // namespace sauda::gateway
