#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/calendar/ist.hpp"
#include "services/instruments/src/core/catalog/hash_index.hpp"
#include "services/instruments/src/core/catalog/text_pool.hpp"
#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::instruments {

/// Place of an instrument in a catalogue, which is the traders' order of lists: segment, nearest
/// expiry, symbol of the underlying, strike, futures before calls before puts, series EQ before
/// others, symbol, age of the row.
using Place = std::uint32_t;

/// Every listed instrument, in memory, as of one sync. Made by a CatalogBuilder and never changed,
/// so that any number of threads may read it. Some 150 bytes an instrument: texts are kept once,
/// and those of a contract are made from what it is.
class Catalog {
 public:
  /// What most questions are about, without a text.
  struct Row {
    std::int64_t id = 0;
    std::int64_t strike_nanos = 0;
    std::int64_t expiry_ms = 0;
    std::uint32_t version = 0;
    std::uint32_t lot_size = 0;
    std::uint32_t freeze_quantity = 0;
    std::uint32_t underlying = 0;  // in underlyings(); 0: none
    Label key = 0;                 // what follows the bar
    TextId symbol = 0;             // 0: the one that Sauda would make
    TextId name = 0;
    TextId short_name = 0;
    Label token = 0;
    TextId isin = 0;
    TextId type = 0;
    std::uint16_t tick = 0;        // in prices_
    std::uint16_t multiplier = 0;  // in prices_
    Segment segment = 0;
    Kind kind = Kind::kIndex;
    Contract contract = Contract::kNone;
    std::uint8_t exchange = 0;  // in exchanges_
    bool weekly = false;
    bool simulated = false;

    bool ActiveAt(std::int64_t market_now_ms) const {
      return expiry_ms == 0 || expiry_ms > market_now_ms;
    }
  };

  /// What contracts are written on.
  struct Underlying {
    TextId key = 0;  // 0: the master does not say
    TextId symbol = 0;
  };

  /// What a contract is, apart from what it is written on.
  struct Terms {
    Contract contract = Contract::kFuture;
    std::int64_t expires_from_ms = 0;   // the first instant that counts
    std::int64_t expires_until_ms = 0;  // the first that does not
    std::optional<Decimal> strike;      // absent: any
  };

  std::size_t size() const { return rows_.size(); }
  const Row& row(Place place) const { return rows_[place]; }
  StoredInstrument Get(Place place) const;
  std::string KeyOf(Place place) const;
  std::string SymbolOf(Place place) const;
  std::string_view Text(TextId id) const { return texts_[id]; }
  /// 0: no instrument has that text.
  TextId FindText(std::string_view text) const { return texts_.Find(text); }
  std::optional<Label> FindLabel(std::string_view text) const { return texts_.FindLabel(text); }
  const std::vector<Underlying>& underlyings() const { return underlyings_; }

  /// The newest of that key.
  std::optional<Place> FindKey(std::string_view key) const;
  /// Every one of that symbol, in order.
  std::vector<Place> FindSymbol(std::string_view symbol) const;
  /// Every contract of that symbol's underlying and of those terms, in order.
  std::vector<Place> FindContracts(std::string_view underlying_symbol, const Terms& terms) const;

  /// In the traders' order, those active at the query's time.
  InstrumentList List(const ListQuery& query) const;

 private:
  friend class CatalogBuilder;

  /// Whether an instrument is what the query asks for, apart from the universe.
  class Filter;

  std::vector<Row> rows_;
  TextPool texts_;
  std::vector<Underlying> underlyings_;  // by symbol; the first is none
  std::vector<std::int64_t> prices_;     // nanos: few ticks and multipliers are in use
  std::vector<std::string> exchanges_;
  HashIndex by_key_;
  HashIndex by_symbol_;
};

/// Takes a catalogue's instruments in any order. Not thread-safe.
class CatalogBuilder {
 public:
  /// Room for as many, so that the catalogue is no larger than it must be.
  explicit CatalogBuilder(std::size_t expected = 0);

  /// Fails with kInternal / CATALOG_FULL: more kinds of something than a catalogue tells apart.
  Result<void> Add(const StoredInstrument& stored);

  /// Once, after the last Add.
  Catalog Build();

 private:
  Result<std::uint16_t> PriceIndex(Decimal price);
  std::uint32_t UnderlyingIndex(const Instrument& instrument);
  void SortUnderlyings();
  void Sort();

  Catalog catalog_;
  HashIndex underlying_index_;
};

/// The symbol that Sauda would make for a contract, in the broker's form of today:
/// `NIFTY 22200 CE 01 SEP 26`.
std::string ContractSymbol(std::string_view underlying, Contract contract, Decimal strike,
                           const calendar::IstDate& expiry);

}  // namespace sauda::instruments
