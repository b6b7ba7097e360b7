#include "services/feed/src/core/hand_over.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sauda::feed {
namespace {

/// Whether both amount to the same, wherever and whenever they came from.
bool SameContent(const Tick& one, const Tick& other) {
  const auto content = [](const Tick& tick) {
    return std::tie(tick.mode, tick.last, tick.totals, tick.depth, tick.greeks, tick.bars,
                    tick.auction);
  };
  return content(one) == content(other);
}

/// Whether both have the same levels, as far as both have any.
bool SameLevels(const Tick& one, const Tick& other) {
  const auto levels = static_cast<std::ptrdiff_t>(std::min(one.depth.size(), other.depth.size()));
  return std::equal(one.depth.begin(), one.depth.begin() + levels, other.depth.begin());
}

/// Whether both amount to the same in what their two modes have in common; what the broker computes
/// of it, as greeks, is no matter.
bool SameInCommon(const Tick& one, const Tick& other) {
  const Mode common = std::min(one.mode, other.mode);
  if (one.last != other.last) return false;
  if (common == Mode::kLtpc) return true;
  if (one.totals.volume != other.totals.volume ||
      one.totals.open_interest != other.totals.open_interest || !SameLevels(one, other)) {
    return false;
  }
  return common == Mode::kOptionGreeks ||
         (one.totals.total_buy_quantity == other.totals.total_buy_quantity &&
          one.totals.total_sell_quantity == other.totals.total_sell_quantity);
}

/// Whether both stand at the same place.
bool SamePlace(const Tick& one, const Tick& other) {
  return one.mode == other.mode ? SameContent(one, other) : SameInCommon(one, other);
}

/// Whether `one` shows that something was traded since `other`.
bool HasNewerTrade(const Tick& one, const Tick& other) {
  const auto time_ms = [](const Tick& tick) { return tick.last ? tick.last->time_ms : 0; };
  if (time_ms(one) > time_ms(other)) return true;
  const bool both_tell = std::min(one.mode, other.mode) > Mode::kLtpc;
  return both_tell && one.totals.volume > other.totals.volume;
}

}  // namespace

HandOver::Entry& HandOver::At(InstrumentId id) {
  if (id >= entries_.size()) entries_.resize(id + 1U);
  return entries_[id];
}

void HandOver::Give(InstrumentId id, Socket socket) {
  const std::lock_guard lock{mutex_};
  At(id) = {.owner = socket};
}

void HandOver::Offer(InstrumentId id, Socket socket) {
  const std::lock_guard lock{mutex_};
  At(id).offered = std::make_unique<Offered>();
  At(id).offered->socket = socket;
}

void HandOver::Withdraw(InstrumentId id) {
  const std::lock_guard lock{mutex_};
  At(id).offered.reset();
}

void HandOver::Forget(InstrumentId id) {
  const std::lock_guard lock{mutex_};
  At(id) = {};
}

std::optional<HandOver::Socket> HandOver::OwnerOf(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  return id < entries_.size() ? entries_[id].owner : std::nullopt;
}

bool HandOver::StartsAnew(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  return id < entries_.size() && entries_[id].starts_anew;
}

std::optional<HandOver::Progress> HandOver::ProgressOf(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  if (id >= entries_.size() || !entries_[id].offered) return std::nullopt;
  return entries_[id].offered->progress;
}

bool HandOver::Takes(Socket socket, InstrumentId id, const Delta& delta, const Tick& published) {
  const std::lock_guard lock{mutex_};
  Entry& entry = At(id);
  if (!entry.owner) return true;
  const bool whole = delta.snapshot || IsWhole(delta);
  if (*entry.owner == socket) {
    entry.starts_anew = entry.starts_anew && !whole;
    return !entry.starts_anew;
  }
  if (!entry.offered || entry.offered->socket != socket) return false;
  Offered& offered = *entry.offered;
  if (!published.listing) {  // nothing to stand beside
    if (whole) Switch(id, entry, false);
    return whole;
  }
  Progress& progress = offered.progress;
  if (!progress.heard && !whole) return false;
  Merge(offered.tick, delta);
  if (progress.heard) {
    progress.moved = true;
  } else {
    progress = {.heard = true, .ahead = HasNewerTrade(offered.tick, published)};
  }
  if (!SamePlace(offered.tick, published)) return false;
  const bool other_mode = delta.mode != published.mode;
  Switch(id, entry, other_mode && !delta.snapshot);
  return other_mode && delta.snapshot;
}

void HandOver::OnPublished(InstrumentId id, const Tick& published) {
  const std::lock_guard lock{mutex_};
  Entry& entry = At(id);
  if (!entry.offered) return;
  const Offered& offered = *entry.offered;
  entry.offered->progress.owner_moved = true;
  if (offered.progress.heard && SamePlace(offered.tick, published)) {
    Switch(id, entry, offered.tick.mode != published.mode);
  }
}

void HandOver::Switch(InstrumentId id, Entry& entry, bool starts_anew) {
  entry.owner = entry.offered->socket;
  entry.offered.reset();
  entry.starts_anew = starts_anew;
  settled_.push_back(id);
}

std::vector<InstrumentId> HandOver::TakeSettled() {
  const std::lock_guard lock{mutex_};
  return std::exchange(settled_, {});
}

}  // namespace sauda::feed
