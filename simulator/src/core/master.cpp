#include "simulator/src/core/master.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace sauda::sim {
namespace {

/// Writes one JSON object, member by member; absent members leave no trace.
class Writer {
 public:
  explicit Writer(std::string& out) : out_{out} { out_ += '{'; }

  void Text(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    Name(name);
    out_ += '"';
    for (const char c : value) {
      if (static_cast<unsigned char>(c) < 0x20) {
        static constexpr std::string_view kHex = "0123456789abcdef";
        out_ += c < 0x10 ? "\\u000" : "\\u001";
        out_ += kHex.at(static_cast<std::size_t>(c) % 16);
        continue;
      }
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
  }
  void Int(std::string_view name, std::optional<std::int64_t> value) {
    if (!value) return;
    Name(name);
    std::array<char, 24> text{};
    out_.append(text.data(), std::to_chars(text.begin(), text.end(), *value).ptr);
  }
  void Real(std::string_view name, std::optional<double> value) {
    if (!value) return;
    Name(name);
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.begin(), text.end(), *value, std::chars_format::fixed).ptr;
    const std::string_view printed{text.data(), static_cast<std::size_t>(end - text.data())};
    out_ += printed;
    if (printed.find('.') == std::string_view::npos) out_ += ".0";
  }
  void Flag(std::string_view name, std::optional<bool> value) {
    if (!value) return;
    Name(name);
    out_ += *value ? "true" : "false";
  }
  void End() { out_ += '}'; }

 private:
  void Name(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace

std::int64_t Listing::TickUnits() const {
  constexpr double kUnitsPerPaisa = 100;
  if (!tick_size || *tick_size <= 0) return 500;
  return std::max<std::int64_t>(1, std::llround(*tick_size * kUnitsPerPaisa));
}

Master::Master(std::vector<Listing> listings) : listings_{std::move(listings)} {
  by_key_.reserve(listings_.size());
  for (ListingId id = 0; id < listings_.size(); ++id) {
    by_key_.try_emplace(listings_[id].instrument_key, id);
  }
}

std::optional<ListingId> Master::Find(std::string_view key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
}

void AppendJson(const Listing& listing, std::string& out) {
  Writer writer{out};
  writer.Flag("weekly", listing.weekly);
  writer.Text("segment", listing.segment);
  writer.Text("name", listing.name);
  writer.Text("exchange", listing.exchange);
  writer.Text("isin", listing.isin);
  writer.Int("expiry", listing.expiry_ms);
  writer.Text("instrument_type", listing.instrument_type);
  writer.Text("asset_symbol", listing.asset_symbol);
  writer.Text("underlying_symbol", listing.underlying_symbol);
  writer.Text("instrument_key", listing.instrument_key);
  writer.Int("lot_size", listing.lot_size);
  writer.Real("freeze_quantity", listing.freeze_quantity);
  writer.Text("exchange_token", listing.exchange_token);
  writer.Int("minimum_lot", listing.minimum_lot);
  writer.Text("asset_key", listing.asset_key);
  writer.Text("underlying_key", listing.underlying_key);
  writer.Real("tick_size", listing.tick_size);
  writer.Text("asset_type", listing.asset_type);
  writer.Text("underlying_type", listing.underlying_type);
  writer.Text("trading_symbol", listing.trading_symbol);
  writer.Text("short_name", listing.short_name);
  writer.Real("strike_price", listing.strike_price);
  writer.Int("last_trading_date", listing.last_trading_date_ms);
  writer.Text("price_quote_unit", listing.price_quote_unit);
  writer.Real("qty_multiplier", listing.qty_multiplier);
  writer.Flag("mtf_enabled", listing.mtf_enabled);
  writer.Real("mtf_bracket", listing.mtf_bracket);
  writer.Text("security_type", listing.security_type);
  writer.Flag("cas_eligible", listing.cas_eligible);
  writer.End();
}

std::string ToJson(const std::vector<Listing>& listings) {
  std::string out = "[";
  out.reserve(listings.size() * 480);
  for (const Listing& listing : listings) {
    if (out.size() > 1) out += ',';
    AppendJson(listing, out);
  }
  out += ']';
  return out;
}

}  // namespace sauda::sim
