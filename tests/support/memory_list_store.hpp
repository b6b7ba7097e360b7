#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "services/instruments/src/core/lists/list_store.hpp"

namespace sauda::instruments {

/// The broker's lists in memory; passes the contract suite. Thread-safe.
class MemoryListStore final : public ListStore {
 public:
  Result<std::vector<KeptList>> KeptLists() override {
    const std::lock_guard lock{mutex_};
    std::vector<KeptList> kept;
    for (const auto& list : lists_) {
      if (list) kept.push_back(list->head);
    }
    return kept;
  }

  Result<void> ReplaceList(const KeptList& head, const std::vector<ListRow>& rows) override {
    const std::lock_guard lock{mutex_};
    lists_[IndexOf(head.list)] = List{head, rows};
    return {};
  }

  Result<void> ForEachOfList(ListKind list,
                             const std::function<void(const ListRow&)>& tell) override {
    const std::lock_guard lock{mutex_};
    ++reads_;
    if (const auto& of = lists_[IndexOf(list)]) {
      for (const ListRow& row : of->rows) tell(row);
    }
    return {};
  }

  Result<std::vector<PlacedRow>> Suspended(const SuspendedQuery& query) override {
    const std::lock_guard lock{mutex_};
    std::vector<PlacedRow> found;
    const auto& of = lists_[IndexOf(ListKind::kSuspended)];
    if (!of) return found;
    std::int64_t place = 0;
    for (const ListRow& row : of->rows) {
      ++place;
      const bool named = query.name.empty() || query.name == row.key || query.name == row.symbol ||
                         query.name == row.isin;
      const bool room = static_cast<std::int64_t>(found.size()) < query.limit;
      if (place > query.after && named && room) found.push_back({place, row});
    }
    return found;
  }

  /// How often a list was told.
  int reads() {
    const std::lock_guard lock{mutex_};
    return reads_;
  }

 private:
  struct List {
    KeptList head;
    std::vector<ListRow> rows;
  };

  std::mutex mutex_;
  std::array<std::optional<List>, kLists.size()> lists_;  // this and the rest guarded by mutex_
  int reads_ = 0;
};

}  // namespace sauda::instruments
