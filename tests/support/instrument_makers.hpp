#pragma once

#include <cstdint>
#include <string>

#include "services/instruments/src/core/instrument.hpp"

namespace sauda::instruments {

/// A share of NSE with something in every field that shares have.
inline Instrument Share(const std::string& isin, const std::string& symbol) {
  Instrument share;
  share.key = "NSE_EQ|" + isin;
  share.segment = *FindSegment("NSE_EQ");
  share.exchange = "NSE";
  share.type = "EQ";
  share.kind = Kind::kEquity;
  share.symbol = symbol;
  share.name = "The \"" + symbol + "\" & Co.";  // quotes, as texts may have them
  share.short_name = symbol + " & Co";
  share.token = "1";
  share.isin = isin;
  share.lot_size = 1;
  share.freeze_quantity = 100'000;
  share.tick_size = Decimal::FromNanos(50'000'000);
  return share;
}

/// A weekly call of NIFTY with something in every field that options have.
inline Instrument Call(const std::string& token, std::int64_t expiry_ms) {
  Instrument call = Share(token, "NIFTY 22200.5 CE " + token);
  call.key = "NSE_FO|" + token;
  call.segment = *FindSegment("NSE_FO");
  call.type = "CE";
  call.kind = Kind::kOption;
  call.isin.clear();
  call.expiry_ms = expiry_ms;
  call.strike = Decimal::FromNanos(22'200'500'000'000);
  call.quantity_multiplier = Decimal::FromUnits(1);
  call.underlying_key = "NSE_INDEX|Nifty 50";
  call.underlying_symbol = "NIFTY";
  call.weekly = true;
  call.simulated = true;
  return call;
}

}  // namespace sauda::instruments
