#include "services/instruments/src/core/master_diff.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace sauda::instruments {

void MasterDiff::Seal(bool store_is_empty) {
  store_is_empty_ = store_is_empty;
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.identity < b.identity; });
}

/// The entry of exactly that contract, else a living one whose expiry may have moved.
MasterDiff::Entry* MasterDiff::Find(std::uint64_t identity, std::int64_t expiry_ms) {
  auto entry = std::lower_bound(entries_.begin(), entries_.end(), identity,
                                [](const Entry& a, std::uint64_t b) { return a.identity < b; });
  Entry* moved = nullptr;
  for (; entry != entries_.end() && entry->identity == identity; ++entry) {
    if (entry->expiry_ms == expiry_ms) return &*entry;
    const bool expires = entry->expiry_ms != 0 && expiry_ms != 0;
    const bool may_move = expires && entry->listed && !entry->seen && Alive(entry->expiry_ms) &&
                          Alive(expiry_ms) &&
                          std::abs(entry->expiry_ms - expiry_ms) <= kMostExpiryMoveMs;
    if (may_move) moved = &*entry;
  }
  return moved;
}

Verdict MasterDiff::Classify(const Instrument& instrument, std::uint64_t digest) {
  Entry* const entry = Find(IdentityHash(instrument), instrument.expiry_ms);
  if (entry == nullptr) {
    const bool is_new = store_is_empty_ || Alive(instrument.expiry_ms);
    return {is_new ? Verdict::Kind::kNew : Verdict::Kind::kPast, 0};
  }
  entry->seen = true;
  if (!entry->listed) return {Verdict::Kind::kReactivated, entry->id};
  const bool same = entry->digest == digest;
  return {same ? Verdict::Kind::kUnchanged : Verdict::Kind::kChanged, entry->id};
}

std::vector<std::int64_t> MasterDiff::Excuse(const std::unordered_set<std::int64_t>& ids) {
  std::vector<std::int64_t> excused;
  for (Entry& entry : entries_) {
    if (!entry.listed || entry.seen || !Alive(entry.expiry_ms) || !ids.contains(entry.id)) continue;
    entry.seen = true;
    excused.push_back(entry.id);
  }
  return excused;
}

std::vector<std::int64_t> MasterDiff::Gone() const {
  std::vector<std::int64_t> gone;
  for (const Entry& entry : entries_) {
    if (entry.listed && !entry.seen) gone.push_back(entry.id);
  }
  return gone;
}

Result<void> MasterDiff::CheckGone(int most_percent) const {
  struct Count {
    std::int64_t alive = 0;
    std::int64_t gone = 0;
  };
  std::array<Count, kSegments.size()> counts{};
  for (const Entry& entry : entries_) {
    if (!entry.listed || !Alive(entry.expiry_ms)) continue;
    Count& count = counts[entry.segment];
    ++count.alive;
    if (!entry.seen) ++count.gone;
  }
  std::string over;
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    if (counts[i].gone * 100 <= counts[i].alive * most_percent) continue;
    over += (over.empty() ? "" : ", ") + std::string{kSegments[i].name} + " " +
            std::to_string(counts[i].gone) + " of " + std::to_string(counts[i].alive);
  }
  if (over.empty()) return {};
  return Error{Code::kFailedPrecondition, "TOO_MANY_DEACTIVATIONS",
               "the file would deactivate more than " + std::to_string(most_percent) +
                   " % of: " + over + "; let it through with allow_mass_deactivation"};
}

}  // namespace sauda::instruments
