#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "services/instruments/src/core/lists/list_store.hpp"

namespace sauda::instruments {

/// What the broker's lists say of one instrument.
struct ListMarks {
  bool mtf = false;
  Decimal mtf_margin_percent;  // its bracket; 0: not said
  bool mis = false;
  Decimal mis_margin_percent;
  Decimal mis_leverage;
  bool suspended = false;

  friend bool operator==(const ListMarks&, const ListMarks&) = default;
};

/// One list in memory, 24 bytes a row. Never changes once made.
class ListIndex {
 public:
  struct Entry {
    std::uint64_t id = 0;  // hash; two of 100 000 collide once in 10^9 lists
    Decimal margin_percent;
    Decimal leverage;
  };

  explicit ListIndex(KeptList head) : head_{std::move(head)} {}
  void Add(const ListRow& row);
  /// Once, after the last Add.
  void Seal();

  const KeptList& head() const { return head_; }
  /// Null when the list has none of that key; of suspended ones also of that token.
  const Entry* Find(const std::string& key, const std::string& token) const;

 private:
  const Entry* FindId(std::uint64_t id) const;

  KeptList head_;
  std::vector<Entry> entries_;  // by id
};

/// The lists as of one moment; any number of threads may read. One that was never had marks
/// nothing, and a list of the simulator marks simulated instruments only, as one of the broker's
/// marks the others.
class ListBook {
 public:
  using Indexes = std::array<std::shared_ptr<const ListIndex>, kLists.size()>;  // null: never had

  ListBook() = default;
  explicit ListBook(Indexes indexes) : indexes_{std::move(indexes)} {}

  const std::shared_ptr<const ListIndex>& index(ListKind list) const {
    return indexes_[IndexOf(list)];
  }

  /// Suspended is what is on that list by key and token: of one ISIN a series may be suspended
  /// while another trades.
  ListMarks Of(const std::string& key, const std::string& token, bool simulated) const;
  bool IsMtf(const std::string& key, bool simulated) const;
  bool IsMis(const std::string& key, bool simulated) const;

 private:
  const ListIndex::Entry* Find(ListKind list, const std::string& key, const std::string& token,
                               bool simulated) const;
  const ListIndex::Entry* FindMis(const std::string& key, bool simulated) const;

  Indexes indexes_;
};

/// Keeps the lists in memory, whichever instance has read them; readers go on with the book they
/// took. Thread-safe.
class ListKeeper {
 public:
  /// The store outlives it.
  explicit ListKeeper(ListStore& store) : store_{store} {}

  /// Reads the lists that were replaced since; called every second or so. Fails as the store does;
  /// the old book stays then.
  Result<void> Refresh();

  /// Never null.
  std::shared_ptr<const ListBook> Current() const;

 private:
  ListStore& store_;
  std::mutex refreshing_;  // one at a time
  mutable std::mutex mutex_;
  std::shared_ptr<const ListBook> current_ = std::make_shared<const ListBook>();  // by mutex_
};

}  // namespace sauda::instruments
