#include "services/feed/src/core/hand_over.hpp"

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

/// Whether `one` shows that something was traded since `other`.
bool HasNewerTrade(const Tick& one, const Tick& other) {
  const auto time_ms = [](const Tick& tick) { return tick.last ? tick.last->time_ms : 0; };
  return time_ms(one) > time_ms(other) || one.totals.volume > other.totals.volume;
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

std::optional<HandOver::Progress> HandOver::ProgressOf(InstrumentId id) const {
  const std::lock_guard lock{mutex_};
  if (id >= entries_.size() || !entries_[id].offered) return std::nullopt;
  return entries_[id].offered->progress;
}

bool HandOver::Takes(Socket socket, InstrumentId id, const Delta& delta, const Tick& published) {
  const std::lock_guard lock{mutex_};
  Entry& entry = At(id);
  if (!entry.owner || *entry.owner == socket) return true;
  if (!entry.offered || entry.offered->socket != socket) return false;
  Offered& offered = *entry.offered;
  const bool whole = delta.snapshot || IsWhole(delta);
  if (!published.listing || published.mode != delta.mode) {  // nothing to stand beside
    if (whole) Switch(id, entry);
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
  if (SameContent(offered.tick, published)) Switch(id, entry);
  return false;
}

void HandOver::OnPublished(InstrumentId id, const Tick& published) {
  const std::lock_guard lock{mutex_};
  Entry& entry = At(id);
  if (!entry.offered) return;
  entry.offered->progress.owner_moved = true;
  if (entry.offered->progress.heard && SameContent(entry.offered->tick, published)) {
    Switch(id, entry);
  }
}

void HandOver::Switch(InstrumentId id, Entry& entry) {
  entry.owner = entry.offered->socket;
  entry.offered.reset();
  settled_.push_back(id);
}

std::vector<InstrumentId> HandOver::TakeSettled() {
  const std::lock_guard lock{mutex_};
  return std::exchange(settled_, {});
}

}  // namespace sauda::feed
