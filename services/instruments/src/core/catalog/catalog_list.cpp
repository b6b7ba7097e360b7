#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "services/instruments/src/core/catalog/catalog.hpp"
#include "services/instruments/src/core/lists/list_book.hpp"

namespace sauda::instruments {

class Catalog::Filter {
 public:
  Filter(const Catalog& catalog, const ListQuery& query)
      : catalog_{catalog},
        query_{query},
        key_{catalog.texts_.Find(query.underlying_key)},
        symbol_{catalog.texts_.Find(query.underlying_symbol)},
        never_{(key_ == 0) != query.underlying_key.empty() ||
               (symbol_ == 0) != query.underlying_symbol.empty()},
        contracts_{query.kind == Kind::kFuture || query.kind == Kind::kOption} {
    if (query.universe_without) FindUniverse();
  }

  bool Takes(Place place) const {
    const Row& row = catalog_.rows_[place];
    if (never_ || !row.ActiveAt(query_.market_now_ms)) return false;
    if (query_.kind.value_or(row.kind) != row.kind) return false;
    if (query_.segment.value_or(row.segment) != row.segment) return false;
    const Underlying& of = catalog_.underlyings_[row.underlying];
    if (key_ != 0 && of.key != key_) return false;
    if (symbol_ != 0 && of.symbol != symbol_) return false;
    if (!IsOnLists(place, row)) return false;
    if (!query_.universe_without) return true;
    if (contracts_) return IsOfUniverse(row);
    return std::binary_search(written_on_.begin(), written_on_.end(), place);
  }

 private:
  void FindUniverse() {
    excluded_.assign(catalog_.underlyings_.size(), false);
    for (std::size_t i = 0; i < excluded_.size(); ++i) {
      const Underlying& of = catalog_.underlyings_[i];
      for (const std::string& name : *query_.universe_without) {
        if (name == catalog_.texts_[of.key] || name == catalog_.texts_[of.symbol]) {
          excluded_[i] = true;
        }
      }
    }
    if (contracts_) return;
    std::vector<bool> counts(excluded_.size());
    for (const Row& row : catalog_.rows_) {
      if (IsOfUniverse(row) && row.ActiveAt(query_.market_now_ms)) counts[row.underlying] = true;
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (!counts[i]) continue;
      const auto place = catalog_.FindKey(catalog_.texts_[catalog_.underlyings_[i].key]);
      if (place) written_on_.push_back(*place);
    }
    std::sort(written_on_.begin(), written_on_.end());
  }

  bool IsOnLists(Place place, const Row& row) const {
    if (!query_.mtf && !query_.mis) return true;
    const std::string key = catalog_.KeyOf(place);
    if (query_.mtf && !query_.book->IsMtf(key, row.simulated)) return false;
    return !query_.mis || query_.book->IsMis(key, row.simulated);
  }

  bool IsOfUniverse(const Row& row) const {
    constexpr Segment kUniverse = *FindSegment("NSE_FO");
    return row.segment == kUniverse && row.contract != Contract::kNone &&
           !excluded_[row.underlying];
  }

  const Catalog& catalog_;
  const ListQuery& query_;
  const TextId key_;
  const TextId symbol_;
  const bool never_;               // asks for what no contract is written on
  const bool contracts_;           // of the universe the contracts, not what they are written on
  std::vector<bool> excluded_;     // by underlying
  std::vector<Place> written_on_;  // in order
};

InstrumentList Catalog::List(const ListQuery& query) const {
  const Filter filter{*this, query};
  std::vector<Place> places;
  for (Place place = 0; place < rows_.size(); ++place) {
    if (filter.Takes(place)) places.push_back(place);
  }
  if (query.near != Decimal{}) {
    const auto rank = [&](Place place) {
      const Row& row = rows_[place];
      return std::tuple{row.segment, row.expiry_ms, texts_[underlyings_[row.underlying].symbol],
                        std::abs(row.strike_nanos - query.near.nanos())};
    };
    std::stable_sort(places.begin(), places.end(),
                     [&](Place a, Place b) { return rank(a) < rank(b); });
  }
  InstrumentList list{.total = static_cast<std::int64_t>(places.size())};
  const std::int64_t to = std::min(list.total, query.offset + query.limit);
  for (std::int64_t i = query.offset; i < to; ++i) {
    list.rows.push_back(Get(places[static_cast<std::size_t>(i)]));
  }
  return list;
}

}  // namespace sauda::instruments
