#include "simulator/src/rest/quote_routes.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "simulator/src/core/ist.hpp"
#include "simulator/src/rest/envelope.hpp"

namespace sauda::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxKeys = 500;

http::Response BadKey(const char* code, const char* message, const std::string& key) {
  return Failure({.http = 400,
                  .code = code,
                  .message = message,
                  .property = "instrument_key",
                  .invalid_value = key});
}

/// A contract's symbol in the compact form: NIFTY25APRFUT, NIFTY25APR21600PE, and NIFTY2543021600PE
/// for one that does not end with its month.
std::string CompactSymbol(const Listing& listing) {
  static constexpr std::array<const char*, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  static constexpr std::string_view kMonthSigns = "123456789OND";
  if (!listing.expiry_ms || (!listing.IsFuture() && !listing.IsOption())) {
    return listing.trading_symbol;
  }
  const IstTime at = ToIst(*listing.expiry_ms);
  const auto month = static_cast<std::size_t>(at.month - 1);
  const std::string year = fmt::format("{:02}", at.year % 100);
  const std::string day = listing.weekly.value_or(false)
                              ? fmt::format("{}{}{:02}", year, kMonthSigns.at(month), at.day)
                              : year + kMonths.at(month);
  if (listing.IsFuture()) return listing.underlying_symbol + day + "FUT";
  return fmt::format("{}{}{}{}", listing.underlying_symbol, day, listing.strike_price.value_or(0),
                     listing.instrument_type);
}

/// What an answer calls a listing: segment, colon, and an index's name or a symbol.
std::string MapKeyOf(const Listing& listing) {
  const std::string& key = listing.instrument_key;
  const std::string name =
      listing.IsIndex() ? key.substr(key.find('|') + 1) : CompactSymbol(listing);
  return listing.segment + ":" + name;
}

http::Response LastPrices(Market& market, const http::Request& request, bool v3) {
  std::string keys{request.Query("instrument_key")};
  if (keys.empty() && !v3) keys = request.Query("symbol");
  if (keys.empty()) return BadKey("UDAPI1009", "The 'instrument_key' is required", keys);
  if (static_cast<std::size_t>(std::count(keys.begin(), keys.end(), ',')) >= kMaxKeys) {
    return BadKey("UDAPI100042", "At most 500 keys are allowed", "");
  }
  json data = json::object();
  std::istringstream list{keys};
  for (std::string key; std::getline(list, key, ',');) {
    const auto id = market.master().Find(key);
    if (!id) return BadKey("UDAPI100011", "Invalid Instrument key", key);
    const FullState* const state = market.State(*id);
    if (state == nullptr) continue;  // nothing is known of it yet
    const Listing& listing = market.master().at(*id);
    json quote = {{"last_price", state->ltp}, {"instrument_token", key}};
    if (v3) {
      quote["ltq"] = state->ltq;
      quote["volume"] = state->vtt;
      quote["cp"] = state->cp;
    }
    data[MapKeyOf(listing)] = std::move(quote);
  }
  return Success(std::move(data));
}

}  // namespace

void AddQuoteRoutes(http::Server& server, Guard& guard, Market& market) {
  for (const bool v3 : {false, true}) {
    const std::string path = std::string{v3 ? "/v3" : "/v2"} + "/market-quote/ltp";
    server.Route("GET", path,
                 guard.Wrap(FaultTarget::kRest, Guard::Access::kToken,
                            [&market, v3](const http::Request& request, const Moment&) {
                              return LastPrices(market, request, v3);
                            }));
  }
}

}  // namespace sauda::sim
