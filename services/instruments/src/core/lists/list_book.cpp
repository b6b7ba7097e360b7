#include "services/instruments/src/core/lists/list_book.hpp"

#include <algorithm>

#include "services/instruments/src/core/instrument.hpp"

namespace sauda::instruments {
namespace {

std::uint64_t IdOf(ListKind list, const std::string& key, const std::string& token) {
  const bool by_token = list == ListKind::kSuspended && !token.empty();
  return KeyHash(by_token ? key + '\n' + token : key);
}

}  // namespace

void ListIndex::Add(const ListRow& row) {
  entries_.push_back({IdOf(head_.list, row.key, row.token), row.margin_percent, row.leverage});
}

void ListIndex::Seal() {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.id < b.id; });
  entries_.shrink_to_fit();
}

const ListIndex::Entry* ListIndex::FindId(std::uint64_t id) const {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const Entry& entry, std::uint64_t of) { return entry.id < of; });
  return at == entries_.end() || at->id != id ? nullptr : &*at;
}

const ListIndex::Entry* ListIndex::Find(const std::string& key, const std::string& token) const {
  if (const Entry* const found = FindId(IdOf(head_.list, key, token))) return found;
  // A suspended row without a token is of whatever has its key.
  return head_.list == ListKind::kSuspended ? FindId(KeyHash(key)) : nullptr;
}

const ListIndex::Entry* ListBook::Find(ListKind list, const std::string& key,
                                       const std::string& token, bool simulated) const {
  const auto& of = index(list);
  return of == nullptr || of->head().simulated != simulated ? nullptr : of->Find(key, token);
}

const ListIndex::Entry* ListBook::FindMis(const std::string& key, bool simulated) const {
  const auto* const found = Find(ListKind::kNseMis, key, "", simulated);
  return found != nullptr ? found : Find(ListKind::kBseMis, key, "", simulated);
}

bool ListBook::IsMtf(const std::string& key, bool simulated) const {
  return Find(ListKind::kMtf, key, "", simulated) != nullptr;
}

bool ListBook::IsMis(const std::string& key, bool simulated) const {
  return FindMis(key, simulated) != nullptr;
}

ListMarks ListBook::Of(const std::string& key, const std::string& token, bool simulated) const {
  ListMarks marks;
  if (const auto* const mtf = Find(ListKind::kMtf, key, "", simulated)) {
    marks.mtf = true;
    marks.mtf_margin_percent = mtf->margin_percent;
  }
  if (const auto* const mis = FindMis(key, simulated)) {
    marks.mis = true;
    marks.mis_margin_percent = mis->margin_percent;
    marks.mis_leverage = mis->leverage;
  }
  marks.suspended = Find(ListKind::kSuspended, key, token, simulated) != nullptr;
  return marks;
}

Result<void> ListKeeper::Refresh() {
  const std::lock_guard refreshing{refreshing_};
  const auto kept = store_.KeptLists();
  if (!kept) return kept.error();
  const auto before = Current();
  ListBook::Indexes indexes;
  bool changed = false;
  for (const KeptList& head : *kept) {
    auto& index = indexes[IndexOf(head.list)];
    index = before->index(head.list);
    if (index != nullptr && index->head() == head) continue;
    // A list that is replaced meanwhile has another head, and is read again by the next Refresh.
    const auto made = std::make_shared<ListIndex>(head);
    const auto told = store_.ForEachOfList(head.list, [&](const ListRow& row) { made->Add(row); });
    if (!told) return told;
    made->Seal();
    index = made;
    changed = true;
  }
  if (!changed) return {};
  auto made = std::make_shared<const ListBook>(std::move(indexes));
  const std::lock_guard lock{mutex_};
  current_ = std::move(made);
  return {};
}

std::shared_ptr<const ListBook> ListKeeper::Current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

}  // namespace sauda::instruments
