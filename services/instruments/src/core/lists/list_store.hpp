#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/instruments/src/core/lists/broker_list.hpp"

namespace sauda::instruments {

/// Which suspended instruments: those after a place, in the order of the list.
struct SuspendedQuery {
  std::string name;        // a key, symbol or ISIN, whole; empty: all
  std::int64_t after = 0;  // place, 1 is the first
  std::int64_t limit = 500;
};

/// A row and its place in the list, 1 for the first.
struct PlacedRow {
  std::int64_t place = 0;
  ListRow row;

  friend bool operator==(const PlacedRow&, const PlacedRow&) = default;
};

/// Where the broker's lists are kept. Thread-safe. Both implementations pass
/// tests/contract/list_store_contract.hpp. Every method fails with kUnavailable / DATABASE_DOWN or
/// kInternal / DATABASE_ERROR.
class ListStore {
 public:
  virtual ~ListStore() = default;

  /// What there is of each list that was ever had, in no order.
  virtual Result<std::vector<KeptList>> KeptLists() = 0;

  /// Puts these rows in place of those that are kept, all or nothing. `head.sync_id` is a
  /// run of the instrument store, and `head.rows` is how many rows there are.
  virtual Result<void> ReplaceList(const KeptList& head, const std::vector<ListRow>& rows) = 0;

  /// Tells every row of a list in its order; none of one that was never had.
  virtual Result<void> ForEachOfList(ListKind list,
                                     const std::function<void(const ListRow&)>& tell) = 0;

  virtual Result<std::vector<PlacedRow>> Suspended(const SuspendedQuery& query) = 0;
};

}  // namespace sauda::instruments
