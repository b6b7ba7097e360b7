#include "services/instruments/src/core/catalog/catalog.hpp"

#include <algorithm>
#include <array>

namespace sauda::instruments {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

void AppendTwoDigits(std::string& text, int number) {
  text.push_back(static_cast<char>('0' + number / 10 % 10));
  text.push_back(static_cast<char>('0' + number % 10));
}

}  // namespace

std::string ContractSymbol(std::string_view underlying, Contract contract, Decimal strike,
                           const calendar::IstDate& expiry) {
  std::string symbol{underlying};
  symbol += ' ';
  if (contract == Contract::kFuture) {
    symbol += "FUT ";
  } else {
    symbol += strike.ToString() + (contract == Contract::kCall ? " CE " : " PE ");
  }
  AppendTwoDigits(symbol, expiry.day);
  symbol += ' ';
  symbol += kMonths[static_cast<std::size_t>(expiry.month - 1)];
  symbol += ' ';
  AppendTwoDigits(symbol, expiry.year);
  return symbol;
}

std::string Catalog::KeyOf(Place place) const {
  const Row& row = rows_[place];
  std::string key{kSegments[row.segment].name};
  key += '|';
  key += texts_.LabelText(row.key);
  return key;
}

std::string Catalog::SymbolOf(Place place) const {
  const Row& row = rows_[place];
  if (row.symbol != 0 || row.contract == Contract::kNone) return std::string{texts_[row.symbol]};
  return ContractSymbol(texts_[underlyings_[row.underlying].symbol], row.contract,
                        Decimal::FromNanos(row.strike_nanos), calendar::IstDate::Of(row.expiry_ms));
}

StoredInstrument Catalog::Get(Place place) const {
  const Row& row = rows_[place];
  const auto text = [&](TextId id) { return std::string{texts_[id]}; };
  const Underlying& underlying = underlyings_[row.underlying];
  return {.id = row.id,
          .instrument = {.key = KeyOf(place),
                         .segment = row.segment,
                         .exchange = exchanges_[row.exchange],
                         .type = text(row.type),
                         .kind = row.kind,
                         .symbol = SymbolOf(place),
                         .name = text(row.name),
                         .short_name = text(row.short_name),
                         .token = texts_.LabelText(row.token),
                         .isin = text(row.isin),
                         .lot_size = row.lot_size,
                         .freeze_quantity = row.freeze_quantity,
                         .tick_size = Decimal::FromNanos(prices_[row.tick]),
                         .quantity_multiplier = Decimal::FromNanos(prices_[row.multiplier]),
                         .expiry_ms = row.expiry_ms,
                         .strike = Decimal::FromNanos(row.strike_nanos),
                         .underlying_key = text(underlying.key),
                         .underlying_symbol = text(underlying.symbol),
                         .weekly = row.weekly,
                         .simulated = row.simulated},
          .listed = true,
          .version = row.version};
}

std::optional<Place> Catalog::FindKey(std::string_view key) const {
  std::optional<Place> newest;
  (void)by_key_.Find(TextHash(key), [&](Place place) {
    const bool newer = !newest || rows_[place].id > rows_[*newest].id;
    if (newer && KeyOf(place) == key) newest = place;
    return false;
  });
  return newest;
}

std::vector<Place> Catalog::FindSymbol(std::string_view symbol) const {
  std::vector<Place> found;
  (void)by_symbol_.Find(TextHash(symbol), [&](Place place) {
    if (SymbolOf(place) == symbol) found.push_back(place);
    return false;
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Place> Catalog::FindContracts(std::string_view underlying_symbol,
                                          const Terms& terms) const {
  std::vector<Place> found;
  const TextId symbol = texts_.Find(underlying_symbol);
  if (symbol == 0) return found;
  // Segment by segment, since the expiries follow each other in one segment only.
  for (auto at = rows_.begin(); at != rows_.end();) {
    const Segment segment = at->segment;
    const auto end = std::partition_point(at, rows_.end(),
                                          [&](const Row& row) { return row.segment <= segment; });
    const auto before = [](std::int64_t ms) {
      return [ms](const Row& row) { return row.expiry_ms < ms; };
    };
    const auto first = std::partition_point(at, end, before(terms.expires_from_ms));
    const auto last = std::partition_point(first, end, before(terms.expires_until_ms));
    for (auto row = first; row != last; ++row) {
      if (row->contract != terms.contract) continue;
      if (underlyings_[row->underlying].symbol != symbol) continue;
      if (terms.strike && row->strike_nanos != terms.strike->nanos()) continue;
      found.push_back(static_cast<Place>(row - rows_.begin()));
    }
    at = end;
  }
  return found;
}

}  // namespace sauda::instruments
