#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/catalog/catalog.hpp"

namespace sauda::instruments {

/// OpenAlgo's symbol: `NIFTY28NOV24FUT`, `NIFTY28NOV2424000CE`, `VEDL25APR24292.5CE`; that of
/// shares and indices is the broker's own. Source: OpenAlgo's documentation of symbols.
std::string OpenAlgoSymbol(const Instrument& instrument);

/// The code of OpenAlgo for the exchange: `NSE`, `NFO`, `NSE_INDEX`, …; empty where it has none.
std::string_view OpenAlgoExchange(Segment segment);

/// The compact symbol of the exchanges and of the broker's old CSV: `NIFTY25NOVFUT`,
/// `NIFTY25NOV26000CE`, of a weekly contract `NIFTY25D0226000CE` (the month as 1 to 9, O, N, D);
/// that of shares and indices is the broker's own.
std::string CompactSymbol(const Instrument& instrument);

/// What a symbol in one of these forms, in capitals, stands for, in order. A compact one that says
/// the month only means the contract of that month which is not weekly, else the month's last.
std::vector<Place> FindByForm(const Catalog& catalog, std::string_view symbol);

/// `NFO:NIFTY28NOV24FUT` in its parts; the segment is absent, and the symbol is all of it, without
/// a known exchange before a colon. Sauda's own names of segments count too.
struct QualifiedSymbol {
  std::optional<Segment> segment;
  std::string_view symbol;
};
QualifiedSymbol SplitExchange(std::string_view name);

}  // namespace sauda::instruments
