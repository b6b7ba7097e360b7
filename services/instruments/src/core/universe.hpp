#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/instruments/src/core/catalog/catalog_keeper.hpp"
#include "services/instruments/src/core/lists/list_book.hpp"

namespace sauda::instruments {

/// What to list, as a caller says it.
struct ListRequest {
  std::optional<Kind> kind;          // needed but for the universe
  std::string segment;               // empty: all
  std::string underlying;            // key or symbol; empty: any
  bool universe = false;             // the F&O universe
  std::vector<std::string> exclude;  // symbols or keys that are not of the universe
  bool mtf = false;                  // only what may be bought with margin
  bool mis = false;                  // only what has intraday leverage
  std::string near_price;            // rupees, a decimal; empty: none
  int page_size = 0;                 // 0: 500
  std::string page_token;
};

/// One page; `next_page_token` is empty on the last.
struct ListPage {
  std::vector<StoredInstrument> found;
  std::int64_t total = 0;  // on all pages
  std::string next_page_token;
};

/// Lists active instruments by what they are: the whole of a kind, the contracts of an underlying,
/// the F&O universe. Thread-safe.
class Universe {
 public:
  static constexpr int kMostPage = 5'000;
  static constexpr std::size_t kMostExcluded = 500;

  Universe(const CatalogKeeper& catalogs, const ListKeeper& lists)
      : catalogs_{catalogs}, lists_{lists} {}

  /// In the traders' order, active by that time of the market clock. Fails with
  /// KIND_MISSING, SELECTION_INVALID, SEGMENT_UNKNOWN, PRICE_INVALID, TOO_MANY_INSTRUMENTS,
  /// PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID, kFailedPrecondition / LIST_UNKNOWN (a list that was
  /// never had is asked for), kUnavailable / DATABASE_DOWN.
  Result<ListPage> List(const ListRequest& request, std::int64_t market_now_ms) const;

 private:
  const CatalogKeeper& catalogs_;
  const ListKeeper& lists_;
};

}  // namespace sauda::instruments
