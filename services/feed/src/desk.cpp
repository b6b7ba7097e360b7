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
           Publisher& publisher, StateKeeper& keeper, Options options, Report report)
    : directory_{directory},
      listings_{listings},
      connector_{connector},
      publisher_{publisher},
      keeper_{keeper},
      options_{std::move(options)},
      report_{std::move(report)} {}

Result<std::vector<std::string>> Desk::KeysOf(const std::vector<std::string>& names,
                                              const std::string& request_id) {
  const auto resolved = directory_.Resolve(names, request_id);
  if (!resolved) return resolved.error();
  std::vector<std::string> keys;
  for (const Listing& listing : *resolved) keys.push_back(listing.key);
  return keys;
}

Result<std::vector<Listing>> Desk::ListingsOf(const WantedNames& wanted,
                                              const std::string& request_id,
                                              std::vector<std::string>& unknown) {
  if (wanted.names.empty()) return std::vector<Listing>{};
  if (!wanted.skip_unknown) return directory_.Resolve(wanted.names, request_id);
  auto found = directory_.Find(wanted.names, request_id);
  if (!found) return found.error();
  std::vector<Listing> listings;
  listings.reserve(wanted.names.size());
  for (std::size_t i = 0; i < wanted.names.size(); ++i) {
    if ((*found)[i]) {
      listings.push_back(*std::move((*found)[i]));
    } else {
      unknown.push_back(wanted.names[i]);
    }
  }
  return listings;
}

Result<std::vector<Taken>> Desk::Select(Selection selection, const std::string& request_id,
                                        std::vector<Listing>& listings) {
  if (selection.universe) {
    selection.exclude.insert(selection.exclude.end(), options_.universe_exclude.begin(),
                             options_.universe_exclude.end());
  }
  auto plan = SelectionPlan::Make(selection, options_.limits);
  if (!plan) return plan.error();
  while (const auto query = plan->Next()) {
    const auto found = directory_.List(*query, request_id);
    if (!found) return found.error();
    listings.insert(listings.end(), found->listings.begin(), found->listings.end());
    plan->Take(found->listings.size(), found->total);
  }
  return plan->taken();
}

Result<Subscribed> Desk::Subscribe(const WantedNames& wanted, const std::string& request_id) {
  Subscribed subscribed;
  auto listings = ListingsOf(wanted, request_id, subscribed.unknown);
  if (!listings) return listings.error();
  if (wanted.selection) {
    auto taken = Select(*wanted.selection, request_id, *listings);
    if (!taken) return taken.error();
    subscribed.taken = std::move(*taken);
    const bool none = std::all_of(subscribed.taken.begin(), subscribed.taken.end(),
                                  [](const Taken& each) { return each.total == 0; });
    if (none && !wanted.skip_unknown) {
      return Error{Code::kNotFound, "SELECTION_EMPTY", "no active instrument is in the selection"};
    }
  }
  const std::lock_guard lock{mutex_};
  subscribed.ids.reserve(listings->size());
  for (const Listing& listing : *listings) subscribed.ids.push_back(Learn(listing));
  if (const auto taken = WantAll(subscribed.ids, wanted); !taken) return taken.error();
  return subscribed;
}

InstrumentId Desk::Learn(const Listing& listing) {
  const auto known = listings_.Find(listing.key);
  const bool is_news =
      known && listings_.At(*known)->underlying.empty() && !listing.underlying.empty();
  const InstrumentId id = listings_.Add(listing);
  if (!is_news) return id;
  if (const auto mode = connector_.ModeOf(id)) {
    keeper_.Put({.listing = *listings_.At(id), .mode = *mode});
    Tell({id});
  }
  return id;
}

// Who is told follows the line before a tick can be on it.
void Desk::Open(const std::vector<InstrumentId>& fresh) {
  publisher_.Open(fresh);
  Tell(fresh);
}

void Desk::Tell(const std::vector<InstrumentId>& fresh) const {
  if (!on_fresh_ || fresh.empty()) return;
  std::vector<FreshKey> keys;
  keys.reserve(fresh.size());
  for (const InstrumentId id : fresh) keys.push_back({.id = id, .listing = listings_.At(id)});
  on_fresh_(keys);
}

void Desk::Listen(std::function<void(const std::vector<FreshKey>&)> on_fresh) {
  const std::lock_guard lock{mutex_};
  on_fresh_ = std::move(on_fresh);
}

// The line is opened before the key is wanted: a tick can come as soon as it is.
Result<void> Desk::WantAll(const std::vector<InstrumentId>& ids, const WantedNames& wanted) {
  std::unordered_map<InstrumentId, std::optional<Mode>> before;
  std::vector<InstrumentId> fresh;
  for (const InstrumentId id : ids) {
    const auto [slot, is_new] = before.emplace(id, connector_.ModeOf(id));
    if (is_new && !slot->second) fresh.push_back(id);
  }
  Open(fresh);
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

Result<FollowFilter> Desk::FilterOf(const WantedFollow& wanted, const std::string& request_id) {
  FollowFilter filter{.kinds = wanted.kinds};
  if (!wanted.underlyings.empty()) {
    const auto keys = KeysOf(wanted.underlyings, request_id);
    if (!keys) return keys.error();
    filter.underlyings.emplace(keys->begin(), keys->end());
  }
  if (wanted.universe) {
    auto keys = UniverseKeys(request_id);
    if (!keys) return keys.error();
    filter.universe = std::move(*keys);
  }
  if (filter.underlyings || filter.universe) {
    if (const auto learnt = LearnUnderlyings(request_id); !learnt) return learnt.error();
  }
  return filter;
}

Result<std::set<std::string>> Desk::UniverseKeys(const std::string& request_id) {
  std::set<std::string> keys;
  for (const Kind kind : {Kind::kEquity, Kind::kIndex}) {
    const auto found = directory_.List({.kind = kind,
                                        .universe = true,
                                        .exclude = options_.universe_exclude,
                                        .limit = SelectionPlan::kMostLimit},
                                       request_id);
    if (!found) return found.error();
    for (const Listing& listing : found->listings) keys.insert(listing.key);
  }
  return keys;
}

Result<void> Desk::LearnUnderlyings(const std::string& request_id) {
  std::vector<std::string> keys;
  for (const auto& row : connector_.Rows()) {
    const auto listing = listings_.At(row.id);
    if (IsContract(listing->kind) && listing->underlying.empty()) keys.push_back(listing->key);
  }
  while (!keys.empty()) {
    const std::size_t left = keys.size() - std::min(keys.size(), SelectionPlan::kMostLimit);
    const std::vector<std::string> some(keys.begin() + static_cast<std::ptrdiff_t>(left),
                                        keys.end());
    keys.resize(left);
    const auto found = directory_.Find(some, request_id);
    if (!found) return found.error();
    const std::lock_guard lock{mutex_};
    for (const auto& each : *found) {
      if (each) Learn(*each);
    }
  }
  return {};
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
    Open({id});
    const InstrumentId ids[] = {id};
    if (!connector_.Want(ids, each.mode, true)) {
      publisher_.Close({id});
      ++left_out;
    }
  }
  return left_out;
}

}  // namespace sauda::feed
