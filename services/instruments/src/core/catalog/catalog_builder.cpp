#include <algorithm>
#include <limits>
#include <tuple>

#include "libs/base/check.hpp"
#include "services/instruments/src/core/catalog/catalog.hpp"

namespace sauda::instruments {
namespace {

std::uint64_t PairHash(TextId key, TextId symbol) {
  std::uint64_t hash = (std::uint64_t{key} << 32U | symbol) * 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 31);
}

Error Full(const char* what) {
  return {Code::kInternal, "CATALOG_FULL",
          std::string{"the master has more "} + what + " than the catalogue can tell apart"};
}

/// The masters' quantities end far below; what lies beyond is a row that no sync of ours wrote.
std::uint32_t Narrow(std::int64_t number) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(number, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

CatalogBuilder::CatalogBuilder(std::size_t expected) {
  catalog_.rows_.reserve(expected);
  catalog_.underlyings_.emplace_back();
  catalog_.prices_.push_back(0);
}

Result<std::uint16_t> CatalogBuilder::PriceIndex(Decimal price) {
  auto& prices = catalog_.prices_;
  const auto found = std::find(prices.begin(), prices.end(), price.nanos());
  if (found == prices.end() && prices.size() > std::numeric_limits<std::uint16_t>::max()) {
    return Full("tick sizes and multipliers");
  }
  const auto index = static_cast<std::uint16_t>(found - prices.begin());
  if (found == prices.end()) prices.push_back(price.nanos());
  return index;
}

std::uint32_t CatalogBuilder::UnderlyingIndex(const Instrument& instrument) {
  const Catalog::Underlying wanted{catalog_.texts_.Add(instrument.underlying_key),
                                   catalog_.texts_.Add(instrument.underlying_symbol)};
  if (wanted.key == 0 && wanted.symbol == 0) return 0;
  std::uint32_t index = 0;
  const std::uint64_t hash = PairHash(wanted.key, wanted.symbol);
  const bool known = underlying_index_.Find(hash, [&](std::uint32_t number) {
    const Catalog::Underlying& each = catalog_.underlyings_[number];
    index = number;
    return each.key == wanted.key && each.symbol == wanted.symbol;
  });
  if (known) return index;
  index = static_cast<std::uint32_t>(catalog_.underlyings_.size());
  catalog_.underlyings_.push_back(wanted);
  underlying_index_.Insert(hash, index);
  return index;
}

Result<void> CatalogBuilder::Add(const StoredInstrument& stored) {
  const Instrument& it = stored.instrument;
  const auto tick = PriceIndex(it.tick_size);
  if (!tick) return tick.error();
  const auto multiplier = PriceIndex(it.quantity_multiplier);
  if (!multiplier) return multiplier.error();
  auto& exchanges = catalog_.exchanges_;
  const auto exchange = std::find(exchanges.begin(), exchanges.end(), it.exchange);
  const auto exchange_index = static_cast<std::size_t>(exchange - exchanges.begin());
  if (exchange_index > std::numeric_limits<std::uint8_t>::max()) return Full("exchanges");
  if (exchange == exchanges.end()) exchanges.push_back(it.exchange);

  TextPool& texts = catalog_.texts_;
  const Contract contract = ContractOf(it.kind, it.type);
  const bool made = contract != Contract::kNone &&
                    it.symbol == ContractSymbol(it.underlying_symbol, contract, it.strike,
                                                calendar::IstDate::Of(it.expiry_ms));
  const std::string_view key = it.key;
  catalog_.rows_.push_back({.id = stored.id,
                            .strike_nanos = it.strike.nanos(),
                            .expiry_ms = it.expiry_ms,
                            .version = Narrow(stored.version),
                            .lot_size = Narrow(it.lot_size),
                            .freeze_quantity = Narrow(it.freeze_quantity),
                            .underlying = UnderlyingIndex(it),
                            .key = texts.AddLabel(key.substr(key.find('|') + 1)),
                            .symbol = made ? 0 : texts.Add(it.symbol),
                            .name = texts.Add(it.name),
                            .short_name = texts.Add(it.short_name),
                            .token = texts.AddLabel(it.token),
                            .isin = texts.Add(it.isin),
                            .type = texts.Add(it.type),
                            .tick = *tick,
                            .multiplier = *multiplier,
                            .segment = it.segment,
                            .kind = it.kind,
                            .contract = contract,
                            .exchange = static_cast<std::uint8_t>(exchange_index),
                            .weekly = it.weekly,
                            .simulated = it.simulated});
  return {};
}

/// So that comparing two of their numbers compares their symbols.
void CatalogBuilder::SortUnderlyings() {
  const auto& texts = catalog_.texts_;
  auto& underlyings = catalog_.underlyings_;
  std::vector<std::uint32_t> order(underlyings.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin() + 1, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto rank = [&](const Catalog::Underlying& each) {
      return std::tuple{texts[each.symbol], texts[each.key]};
    };
    return rank(underlyings[a]) < rank(underlyings[b]);
  });
  std::vector<Catalog::Underlying> sorted;
  std::vector<std::uint32_t> now(order.size());
  for (const std::uint32_t before : order) {
    now[before] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(underlyings[before]);
  }
  underlyings = std::move(sorted);
  for (Catalog::Row& row : catalog_.rows_) row.underlying = now[row.underlying];
}

void CatalogBuilder::Sort() {
  using Row = Catalog::Row;
  const Catalog& catalog = catalog_;
  const auto symbol_of = [&](const Row& row) {
    return catalog.texts_[catalog.underlyings_[row.underlying].symbol];
  };
  std::sort(catalog_.rows_.begin(), catalog_.rows_.end(), [&](const Row& a, const Row& b) {
    if (a.segment != b.segment) return a.segment < b.segment;
    if (a.expiry_ms != b.expiry_ms) return a.expiry_ms < b.expiry_ms;
    if (a.underlying != b.underlying && symbol_of(a) != symbol_of(b)) {
      return a.underlying < b.underlying;
    }
    const auto rank = [&](const Row& row) {
      return std::tuple{row.strike_nanos, row.contract, catalog.texts_[row.type] != "EQ",
                        catalog.texts_[row.symbol], row.id};
    };
    return rank(a) < rank(b);
  });
}

Catalog CatalogBuilder::Build() {
  SortUnderlyings();
  Sort();
  catalog_.texts_.ShrinkToFit();
  const std::size_t count = catalog_.size();
  Check(count < std::numeric_limits<Place>::max(), "a catalogue's places have 32 bits");
  catalog_.by_key_ = HashIndex{count};
  catalog_.by_symbol_ = HashIndex{count};
  for (Place place = 0; place < count; ++place) {
    catalog_.by_key_.Insert(TextHash(catalog_.KeyOf(place)), place);
    catalog_.by_symbol_.Insert(TextHash(catalog_.SymbolOf(place)), place);
  }
  return std::move(catalog_);
}

}  // namespace sauda::instruments
