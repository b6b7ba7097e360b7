#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/catalog/catalog_keeper.hpp"

namespace sauda::instruments {

/// An instrument and the name by which it was asked for.
struct NamedInstrument {
  std::string name;
  StoredInstrument found;
};

/// What a batch of names came to.
struct NamedInstruments {
  std::vector<NamedInstrument> found;  // in the order asked
  std::vector<std::string> unknown;    // nothing, or more than one thing, goes by these
};

/// What to search, as a caller says it.
struct SearchRequest {
  std::string query;
  std::string segment;  // empty: all
  std::string type;     // empty: all
  int page_size = 0;    // 0: 50
  std::string page_token;
};

/// One page; `next_page_token` is empty on the last.
struct SearchPage {
  std::vector<StoredInstrument> found;
  std::string next_page_token;
};

/// Finds instruments by name, in memory. A name is a key (`NSE_EQ|INE009A01021`) or a symbol: the
/// broker's (`NIFTY 22200 CE 01 SEP 26`), compact (`NIFTY26SEP22200CE`) or OpenAlgo's
/// (`NIFTY01SEP2622200CE`), with or without OpenAlgo's exchange before it (`NFO:…`, `BSE:…`). Only
/// keys that are not listed any more are asked for in the store. Thread-safe.
class Lookup {
 public:
  static constexpr std::size_t kMostNames = 5'000;
  static constexpr std::size_t kMostQueryBytes = 100;
  static constexpr int kMostPage = 500;

  Lookup(const CatalogKeeper& catalogs, InstrumentStore& store)
      : catalogs_{catalogs}, store_{store} {}

  /// Fails with NO_INSTRUMENT_NAMED, INSTRUMENT_UNKNOWN, SYMBOL_AMBIGUOUS, kUnavailable /
  /// DATABASE_DOWN, or as the store does.
  Result<StoredInstrument> Get(const std::string& name) const;

  /// What it was at the end of a day, yyyy-MM-dd, by the last sync up to then. Fails with
  /// NO_INSTRUMENT_NAMED, DATE_MALFORMED, INSTRUMENT_UNKNOWN, SYMBOL_AMBIGUOUS, kNotFound /
  /// AS_OF_TOO_EARLY, or as the store does.
  Result<StoredInstrument> GetAsOf(const std::string& name, const std::string& day) const;

  /// Fails with NO_INSTRUMENT_NAMED (also when one of the names is empty), TOO_MANY_INSTRUMENTS,
  /// kUnavailable / DATABASE_DOWN, or as the store does.
  Result<NamedInstruments> BatchGet(const std::vector<std::string>& names) const;

  /// Fails with QUERY_EMPTY, QUERY_TOO_LONG, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID,
  /// SEGMENT_UNKNOWN, TYPE_UNKNOWN, kUnavailable / DATABASE_DOWN.
  Result<SearchPage> Search(const SearchRequest& request, std::int64_t market_now_ms) const;

 private:
  const CatalogKeeper& catalogs_;
  InstrumentStore& store_;
};

/// The one a symbol stands for among the instruments of that symbol: NSE before BSE before MCX,
/// shares before indices before derivatives, series EQ before others. Fails with
/// kFailedPrecondition / SYMBOL_AMBIGUOUS when that leaves several, and names them. `places` is not
/// empty.
Result<Place> PickBySymbol(const Catalog& catalog, const std::vector<Place>& places);

}  // namespace sauda::instruments
