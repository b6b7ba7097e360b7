#include "services/feed/src/desk.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {
namespace {

/// Which of two listings a symbol stands for, as the instruments service picks: NSE before BSE
/// before others, shares before indices before derivatives.
bool GoesBefore(const Listing& one, const Listing& other) {
  const auto rank = [](const Listing& listing) {
    const bool nse = listing.key.starts_with("NSE_");
    const bool bse = listing.key.starts_with("BSE_");
    return std::pair{nse   ? 0
                     : bse ? 1
                           : 2,
                     listing.kind == Kind::kEquity ? 0 : static_cast<int>(listing.kind) + 1};
  };
  return rank(one) < rank(other);
}

}  // namespace

Desk::Desk(InstrumentDirectory& directory, Listings& listings, Connector& connector,
           Publisher& publisher, StateKeeper& keeper, Report report)
    : directory_{directory},
      listings_{listings},
      connector_{connector},
      publisher_{publisher},
      keeper_{keeper},
      report_{std::move(report)} {}

Result<std::vector<std::string>> Desk::KeysOf(const std::vector<std::string>& names,
                                              const std::string& request_id) {
  const auto resolved = directory_.Resolve(names, request_id);
  if (!resolved) return resolved.error();
  std::vector<std::string> keys;
  for (const Listing& listing : *resolved) keys.push_back(listing.key);
  return keys;
}

Result<std::vector<InstrumentId>> Desk::Subscribe(const WantedNames& wanted,
                                                  const std::string& request_id) {
  const auto resolved = directory_.Resolve(wanted.names, request_id);
  if (!resolved) return resolved.error();
  const std::lock_guard lock{mutex_};
  std::vector<InstrumentId> ids;
  ids.reserve(resolved->size());
  for (const Listing& listing : *resolved) ids.push_back(listings_.Add(listing));
  if (const auto taken = WantAll(ids, wanted); !taken) return taken.error();
  return ids;
}

// The line is opened before the key is wanted: a tick can come as soon as it is.
Result<void> Desk::WantAll(const std::vector<InstrumentId>& ids, const WantedNames& wanted) {
  std::unordered_map<InstrumentId, std::optional<Mode>> before;
  std::vector<InstrumentId> fresh;
  for (const InstrumentId id : ids) {
    const auto [slot, is_new] = before.emplace(id, connector_.ModeOf(id));
    if (is_new && !slot->second) fresh.push_back(id);
  }
  publisher_.Open(fresh);
  if (auto taken = connector_.Want(ids, wanted.mode, wanted.only_raise); !taken) {
    publisher_.Close(fresh);
    return taken;
  }
  for (const InstrumentId id : ids) {  // in the order asked for, which is the order of restoring
    const auto now = connector_.ModeOf(id);
    if (!now || now == std::exchange(before[id], now)) continue;
    keeper_.Put({.listing = *listings_.At(id), .mode = *now});
  }
  return {};
}

std::vector<InstrumentId> Desk::Unsubscribe(const std::vector<std::string>& names) {
  const std::lock_guard lock{mutex_};
  const auto by_symbol = SubscribedBySymbol();
  std::vector<InstrumentId> ids;
  for (const std::string& name : names) {
    if (const auto id = listings_.Find(name)) {
      ids.push_back(*id);
    } else if (const auto found = by_symbol.find(name); found != by_symbol.end()) {
      ids.push_back(found->second);
    }
  }
  std::vector<InstrumentId> dropped = connector_.Drop(ids);
  publisher_.Close(dropped);
  for (const InstrumentId id : dropped) keeper_.Remove(listings_.At(id)->key);
  return dropped;
}

std::unordered_map<std::string, InstrumentId> Desk::SubscribedBySymbol() const {
  std::unordered_map<std::string, InstrumentId> found;
  for (const auto& row : connector_.Rows()) {
    const auto listing = listings_.At(row.id);
    if (listing->symbol.empty()) continue;
    const auto [slot, is_new] = found.emplace(listing->symbol, row.id);
    if (!is_new && GoesBefore(*listing, *listings_.At(slot->second))) slot->second = row.id;
  }
  return found;
}

std::vector<InstrumentId> Desk::Known(const std::vector<std::string>& names) const {
  std::vector<InstrumentId> ids;
  for (const std::string& name : names) {
    if (const auto id = listings_.Find(name)) ids.push_back(*id);
  }
  return ids;
}

std::vector<SubscriptionRow> Desk::List() const {
  std::vector<SubscriptionRow> rows;
  for (const auto& row : connector_.Rows()) {
    const Listings::Counts& counts = listings_.counts(row.id);
    rows.push_back({.listing = *listings_.At(row.id),
                    .mode = row.mode,
                    .state = row.state,
                    .ticks = counts.ticks.load(),
                    .last_received_ns = counts.last_received_ns.load(),
                    .attempts = row.attempts,
                    .failure = row.failure});
  }
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.listing.key < b.listing.key; });
  return rows;
}

FeedState Desk::State() const {
  FeedState state{.connection = connector_.Status()};
  state.cached_prices = publisher_.known();
  report_(state);
  return state;
}

void Desk::Connect() {
  const std::lock_guard lock{mutex_};
  keeper_.SetConnected(true);
  connector_.SetWanted(true);
}

void Desk::Disconnect() {
  const std::lock_guard lock{mutex_};
  keeper_.SetConnected(false);
  connector_.SetWanted(false);
}

std::size_t Desk::Restore(const std::vector<KeptSubscription>& kept) {
  const std::lock_guard lock{mutex_};
  std::size_t left_out = 0;
  for (const KeptSubscription& each : kept) {
    const InstrumentId id = listings_.Add(each.listing);
    publisher_.Open({id});
    const InstrumentId ids[] = {id};
    if (!connector_.Want(ids, each.mode, true)) {
      publisher_.Close({id});
      ++left_out;
    }
  }
  return left_out;
}

}  // namespace sauda::feed
