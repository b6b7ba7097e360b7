#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "services/instruments/src/core/catalog/catalog.hpp"
#include "services/instruments/src/core/search/name_index.hpp"

namespace sauda::instruments {

/// What to search.
struct SearchQuery {
  std::string text;
  std::optional<Segment> segment;
  std::string type;                // empty: all
  std::int64_t market_now_ms = 0;  // contracts that have expired by then are left out
  std::size_t most = 50;
};

/// The instruments that a trader may mean, best first, at most `most`.
///
/// First what the text names outright: a key, a symbol in any form. Then, when the words ask for a
/// contract, contracts: of what the other words name best, NSE before BSE and MCX, the nearest
/// expiry first, of the strike that is named. Then shares and indices by how well the words name
/// them, what has contracts before what has none; and behind all, contracts of these.
std::vector<Place> Search(const Catalog& catalog, const NameIndex& names, const SearchQuery& query);

}  // namespace sauda::instruments
