#pragma once

#include <string>
#include <vector>

#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// A few listings, one of each kind that orders treat differently.
inline std::vector<Listing> SmallMaster() {
  constexpr std::int64_t kExpiry = 1'924'972'199'000;  // 2030-12-31 23:59:59 IST
  const auto cash = [](const char* name, const char* isin, const char* token, double tick) {
    Listing listing;
    listing.segment = "NSE_EQ";
    listing.name = name;
    listing.exchange = "NSE";
    listing.instrument_type = "EQ";
    listing.instrument_key = std::string{"NSE_EQ|"} + isin;
    listing.exchange_token = token;
    listing.trading_symbol = name;
    listing.isin = isin;
    listing.security_type = "NORMAL";
    listing.lot_size = 1;
    listing.freeze_quantity = 100'000;
    listing.tick_size = tick;
    listing.qty_multiplier = 1.0;
    return listing;
  };
  Listing index;
  index.segment = "NSE_INDEX";
  index.name = "Nifty 50";
  index.exchange = "NSE";
  index.instrument_type = "INDEX";
  index.instrument_key = "NSE_INDEX|Nifty 50";
  index.exchange_token = "26000";
  index.trading_symbol = "NIFTY";

  const auto contract = [](const char* segment, const char* exchange, const char* token) {
    Listing listing;
    listing.segment = segment;
    listing.name = "NIFTY";
    listing.exchange = exchange;
    listing.instrument_key = std::string{segment} + "|" + token;
    listing.exchange_token = token;
    listing.asset_symbol = listing.underlying_symbol = "NIFTY";
    listing.asset_key = listing.underlying_key = "NSE_INDEX|Nifty 50";
    listing.asset_type = listing.underlying_type = "INDEX";
    listing.lot_size = 65;
    listing.minimum_lot = 65;
    listing.freeze_quantity = 1'755;
    listing.tick_size = 5;
    listing.qty_multiplier = 1.0;
    listing.weekly = false;
    return listing;
  };
  Listing option = contract("NSE_FO", "NSE", "46913");
  option.instrument_type = "CE";
  option.trading_symbol = "NIFTY 26000 CE 31 DEC 30";
  option.expiry_ms = kExpiry;
  option.strike_price = 26'000;
  Listing expired = contract("NSE_FO", "NSE", "46000");
  expired.instrument_type = "FUT";
  expired.trading_symbol = "NIFTY FUT 29 SEP 20";
  expired.expiry_ms = 1'601'404'199'000;  // 2020-09-29
  expired.strike_price = 0;
  Listing gold = contract("MCX_FO", "MCX", "472782");
  gold.instrument_type = "FUT";
  gold.name = "GOLD";
  gold.trading_symbol = "GOLD FUT 31 DEC 30";
  gold.expiry_ms = kExpiry;
  gold.strike_price = 0;
  return {cash("RELIANCE", "INE002A01018", "2885", 10),
          cash("NHPC", "INE848E01016", "17400", 1),
          index,
          option,
          expired,
          gold};
}

/// Key of share `number` of ManyShares.
inline std::string ShareKey(std::size_t number) {
  return "NSE_EQ|INE" + std::to_string(100'000'000 + number);
}

/// `count` NSE shares, like the small master's first but for their names.
inline std::vector<Listing> ManyShares(std::size_t count) {
  std::vector<Listing> shares(count, SmallMaster().front());
  for (std::size_t i = 0; i < count; ++i) {
    Listing& share = shares[i];
    share.instrument_key = ShareKey(i);
    share.isin = share.instrument_key.substr(share.instrument_key.find('|') + 1);
    share.exchange_token = std::to_string(10'000 + i);
    share.name = share.trading_symbol = "SHARE" + std::to_string(i);
  }
  return shares;
}

}  // namespace sauda::sim
