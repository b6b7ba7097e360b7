#include "services/feed/src/core/socket_plan.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace sauda::feed {
namespace {

using Quotas = std::vector<KeysByMode>;

constexpr std::size_t kModes = kModeLimits.size();

Mode ModeAt(std::size_t index) { return static_cast<Mode>(index + 1); }

bool Takes(KeysByMode load, Mode mode) {
  ++load.at(IndexOf(mode));
  return !OverLimit(load);
}

/// The connection for one key more; absent: none takes it.
std::optional<std::size_t> Choose(const std::vector<KeysByMode>& loads, Mode mode) {
  std::optional<std::size_t> best;
  int best_rank = 3;
  for (std::size_t socket = 0; socket < loads.size(); ++socket) {
    const KeysByMode& load = loads[socket];
    if (!Takes(load, mode)) continue;
    const int rank = load.at(IndexOf(mode)) > 0 ? 0 : load != KeysByMode{} ? 1 : 2;
    if (rank >= best_rank) continue;
    best = socket;
    best_rank = rank;
  }
  return best;
}

/// What is left of `totals` for connections that carry several modes, when `alone[m]` of them carry
/// mode m alone.
KeysByMode Rest(const KeysByMode& totals, const KeysByMode& alone) {
  KeysByMode rest{};
  for (std::size_t m = 0; m < kModes; ++m) {
    const std::size_t taken = alone.at(m) * LimitOf(ModeAt(m), false);
    rest.at(m) = totals.at(m) - std::min(totals.at(m), taken);
  }
  return rest;
}

/// Connections with several modes that `rest` needs.
std::size_t MixedFor(const KeysByMode& rest) {
  std::size_t sockets = 0;
  for (std::size_t m = 0; m < kModes; ++m) {
    const std::size_t limit = LimitOf(ModeAt(m), true);
    sockets = std::max(sockets, (rest.at(m) + limit - 1) / limit);
  }
  return sockets;
}

/// How many keys of each mode each connection may have, so that `totals` fit on the fewest, at most
/// `sockets`; empty when they do not.
Quotas QuotasFor(const KeysByMode& totals, std::size_t sockets) {
  std::optional<KeysByMode> best;
  std::size_t best_used = sockets + 1;
  KeysByMode alone{};
  for (;;) {  // every way to give connections to modes alone
    const std::size_t pure = std::accumulate(alone.begin(), alone.end(), std::size_t{0});
    if (pure <= sockets) {
      const std::size_t used = pure + MixedFor(Rest(totals, alone));
      if (used < best_used) {
        best = alone;
        best_used = used;
      }
    }
    std::size_t m = 0;
    while (m < kModes && ++alone.at(m) > sockets) alone.at(m++) = 0;
    if (m == kModes) break;
  }
  Quotas quotas;
  if (!best) return quotas;
  for (std::size_t m = 0; m < kModes; ++m) {
    for (std::size_t i = 0; i < best->at(m); ++i) {
      quotas.emplace_back();
      quotas.back().at(m) = LimitOf(ModeAt(m), false);
    }
  }
  const std::size_t mixed = MixedFor(Rest(totals, *best));
  for (std::size_t i = 0; i < mixed; ++i) {
    quotas.emplace_back();
    for (std::size_t m = 0; m < kModes; ++m) quotas.back().at(m) = LimitOf(ModeAt(m), true);
  }
  return quotas;
}

/// Gives the quotas to connections so that the most keys may stay where they are; every connection
/// of `loads` gets one, possibly of nothing.
Quotas InPlace(Quotas quotas, const std::vector<KeysByMode>& loads) {
  quotas.resize(loads.size());
  std::vector<std::size_t> order(loads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::size_t> best;
  std::size_t best_stays = 0;
  do {  // at most 120 ways
    std::size_t stays = 0;
    for (std::size_t socket = 0; socket < loads.size(); ++socket) {
      const KeysByMode& quota = quotas[order[socket]];
      for (std::size_t m = 0; m < kModes; ++m) {
        stays += std::min(quota.at(m), loads[socket].at(m));
      }
    }
    if (best.empty() || stays > best_stays) {
      best = order;
      best_stays = stays;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  Quotas placed;
  placed.reserve(best.size());
  for (const std::size_t quota : best) placed.push_back(quotas[quota]);
  return placed;
}

}  // namespace

Result<std::vector<InstrumentId>> SocketPlan::Want(std::span<const InstrumentId> ids, Mode mode,
                                                   bool only_raise) {
  Modes changes;
  for (const InstrumentId id : ids) {
    const auto known = Of(id);
    if (!known || (only_raise ? known->mode < mode : known->mode != mode)) changes[id] = mode;
  }
  std::map<InstrumentId, Place> found;
  if (Fit(changes, places_, loads_, found)) return Take(found);
  Modes all = changes;  // which win over what is known
  for (const auto& [id, place] : places_) all.emplace(id, place.mode);
  if (Pack(all, sockets(), found)) return Take(found);
  return Error{Code::kResourceExhausted, "SUBSCRIPTION_LIMIT",
               "the broker does not take " + std::to_string(changes.size()) + " keys more in this" +
                   " mode: " + std::to_string(size()) + " are subscribed on at most " +
                   std::to_string(sockets()) + " connections"};
}

bool SocketPlan::Fit(const Modes& modes, const std::map<InstrumentId, Place>& places, Loads loads,
                     std::map<InstrumentId, Place>& found) {
  for (const auto& [id, mode] : modes) {
    std::optional<std::size_t> socket;
    if (const auto at = places.find(id); at != places.end()) {
      KeysByMode& load = loads.at(at->second.socket);
      --load.at(IndexOf(at->second.mode));
      if (Takes(load, mode)) socket = at->second.socket;
    }
    if (!socket) socket = Choose(loads, mode);
    if (!socket) return false;
    ++loads.at(*socket).at(IndexOf(mode));
    found[id] = {.mode = mode, .socket = *socket};
  }
  return true;
}

bool SocketPlan::Pack(const Modes& modes, std::size_t sockets,
                      std::map<InstrumentId, Place>& found) const {
  KeysByMode totals{};
  for (const auto& [id, mode] : modes) ++totals.at(IndexOf(mode));
  const Quotas quotas = QuotasFor(totals, sockets);
  if (quotas.empty() && !modes.empty()) return false;
  Quotas left = InPlace(quotas, loads_);
  found.clear();
  const auto put = [&](InstrumentId id, Mode mode, std::size_t socket) {
    std::size_t& room = left.at(socket).at(IndexOf(mode));
    if (room == 0) return false;
    --room;
    found[id] = {.mode = mode, .socket = socket};
    return true;
  };
  for (const auto& [id, mode] : modes) {
    if (const auto at = Of(id)) put(id, mode, at->socket);
  }
  for (const auto& [id, mode] : modes) {
    if (found.contains(id)) continue;
    for (std::size_t socket = 0; socket < left.size() && !put(id, mode, socket);) ++socket;
  }
  return true;
}

std::vector<InstrumentId> SocketPlan::Take(const std::map<InstrumentId, Place>& places) {
  std::vector<InstrumentId> changed;
  for (const auto& [id, place] : places) {
    const auto [slot, is_new] = places_.emplace(id, place);
    if (!is_new && slot->second == place) continue;
    if (!is_new) --loads_.at(slot->second.socket).at(IndexOf(slot->second.mode));
    ++loads_.at(place.socket).at(IndexOf(place.mode));
    slot->second = place;
    changed.push_back(id);
  }
  return changed;
}

std::vector<InstrumentId> SocketPlan::Drop(std::span<const InstrumentId> ids) {
  std::vector<InstrumentId> dropped;
  for (const InstrumentId id : ids) {
    const auto found = places_.find(id);
    if (found == places_.end()) continue;
    --loads_.at(found->second.socket).at(IndexOf(found->second.mode));
    places_.erase(found);
    dropped.push_back(id);
  }
  return dropped;
}

std::vector<InstrumentId> SocketPlan::FreeOne() {
  const bool all_used = std::all_of(loads_.begin(), loads_.end(),
                                    [](const KeysByMode& load) { return load != KeysByMode{}; });
  if (sockets() < 2 || !all_used) return {};
  Modes modes;
  for (const auto& [id, place] : places_) modes.emplace(id, place.mode);
  std::map<InstrumentId, Place> found;
  if (!Pack(modes, sockets() - 1, found)) return {};
  return Take(found);
}

std::optional<SocketPlan::Place> SocketPlan::Of(InstrumentId id) const {
  const auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

}  // namespace sauda::feed
