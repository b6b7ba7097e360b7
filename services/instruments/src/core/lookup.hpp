#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/instrument_store.hpp"

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

/// Finds instruments by name. Keys have a bar; everything else is a symbol. Thread-safe as its
/// store.
class Lookup {
 public:
  static constexpr std::size_t kMostNames = 5'000;
  static constexpr std::size_t kMostQueryBytes = 100;
  static constexpr int kMostPage = 500;

  explicit Lookup(InstrumentStore& store) : store_{store} {}

  /// Fails with NO_INSTRUMENT_NAMED, INSTRUMENT_UNKNOWN, SYMBOL_AMBIGUOUS, or as the store does.
  Result<StoredInstrument> Get(const std::string& name);

  /// Fails with NO_INSTRUMENT_NAMED (also when one of the names is empty), TOO_MANY_INSTRUMENTS, or
  /// as the store does.
  Result<NamedInstruments> BatchGet(const std::vector<std::string>& names);

  /// Fails with QUERY_EMPTY, QUERY_TOO_LONG, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID,
  /// SEGMENT_UNKNOWN, TYPE_UNKNOWN, or as the store does.
  Result<SearchPage> Search(const SearchRequest& request);

 private:
  InstrumentStore& store_;
};

/// The one a symbol stands for among listed rows of that symbol, as an index: NSE before BSE before
/// MCX, shares before indices before derivatives, series EQ before others. Fails with
/// kFailedPrecondition / SYMBOL_AMBIGUOUS when that leaves several, and names them. `rows` is not
/// empty.
Result<std::size_t> PickBySymbol(const std::vector<const StoredInstrument*>& rows);

/// The words of a text: runs of letters, digits and inner points, lower case. Other characters part
/// words; bytes beyond ASCII too, since the masters have none.
std::vector<std::string> SearchWords(std::string_view text);

}  // namespace sauda::instruments
