#include "services/feed/src/pool.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {
namespace {

/// A key that its old socket still speaks for may take so many times the limit.
constexpr int kLongLimit = 5;
/// After moves to a link that did not open.
constexpr std::chrono::seconds kMovePause{5};

}  // namespace

Pool::Pool(const Brokers& brokers, const Listings& listings, HandOver& hand_over,
           const Clock& clock, Link::Options options, const Link::Events& events,
           std::chrono::milliseconds hand_over_limit)
    : listings_{listings},
      hand_over_{hand_over},
      clock_{clock},
      hand_over_limit_{hand_over_limit},
      long_limit_{kLongLimit * hand_over_limit},
      plan_{brokers.size()},
      slots_(brokers.size()),
      looks_(brokers.size()) {
  for (BrokerFeed& broker : brokers) {
    options.number = static_cast<std::uint32_t>(links_.size());
    links_.push_back(std::make_unique<Link>(broker, listings, clock, options, events));
  }
  (void)GiveLink(0);  // there is a connection also while nothing is subscribed
}

void Pool::Start() {
  for (const auto& link : links_) link->Start();
}

// Each may be in the middle of an attempt that takes its time.
void Pool::Stop() {
  for (const auto& link : links_) link->BeginStop();
  for (const auto& link : links_) link->Stop();
}

Result<void> Pool::Want(std::span<const InstrumentId> ids, Mode mode, bool only_raise) {
  const auto changed = plan_.Want(ids, mode, only_raise);
  if (!changed) return changed.error();
  PlaceAll(*changed, mode);
  may_free_ = true;
  return {};
}

std::vector<InstrumentId> Pool::Drop(std::span<const InstrumentId> ids) {
  std::vector<InstrumentId> dropped = plan_.Drop(ids);
  for (const InstrumentId id : dropped) {
    waiting_.erase(id);
    CancelMove(id);
    if (const auto at = at_.find(id); at != at_.end()) {
      LinkOf(at->second).Drop({&id, 1});
      if (relay_ && relay_->slot == at->second) {
        links_[relay_->link]->Drop({&id, 1});
        relay_->left.erase(id);
      }
      at_.erase(at);
    }
    hand_over_.Forget(id);
  }
  may_free_ = true;
  return dropped;
}

// Together, since many keys may change their mode where one of them alone would be one too many.
void Pool::PlaceAll(std::span<const InstrumentId> ids, Mode mode) {
  std::map<std::size_t, std::vector<InstrumentId>> in_slots;
  for (const InstrumentId id : ids) {
    const auto to = plan_.Of(id);
    const auto at = at_.find(id);
    const bool moves = moves_.contains(id) || (at != at_.end() && at->second != to->socket);
    if (moves || to->mode != mode) {
      Place(id);
    } else {
      in_slots[to->socket].push_back(id);
    }
  }
  for (const auto& [slot, together] : in_slots) {
    if (Ask(slot, together, mode)) continue;
    for (const InstrumentId id : together) Place(id);
  }
}

void Pool::Place(InstrumentId id) {
  const SocketPlan::Place to = *plan_.Of(id);
  const auto move = moves_.find(id);
  if (move != moves_.end() && move->second.to != to.socket) CancelMove(id);
  const auto at = at_.find(id);
  bool placed = false;
  if (at == at_.end() || at->second == to.socket) {
    placed = Ask(to.socket, {&id, 1}, to.mode);
  } else if (moves_.contains(id)) {
    placed = LinkOf(to.socket).Want({&id, 1}, to.mode).has_value();
  } else {
    placed = StartMove(id, at->second, to);
  }
  if (placed) {
    waiting_.erase(id);
  } else {
    waiting_.insert(id);
  }
}

// A key has its owner before it is asked for: a tick can come as soon as it is.
bool Pool::Ask(std::size_t slot, std::span<const InstrumentId> ids, Mode mode) {
  if (!slots_[slot] && !GiveLink(slot)) return false;
  std::vector<InstrumentId> fresh;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(fresh),
               [&](InstrumentId id) { return !at_.contains(id); });
  const auto link = static_cast<HandOver::Socket>(*slots_[slot]);
  for (const InstrumentId id : fresh) hand_over_.Give(id, link);
  if (!LinkOf(slot).Want(ids, mode)) {
    for (const InstrumentId id : fresh) hand_over_.Forget(id);
    return false;
  }
  for (const InstrumentId id : ids) {
    at_[id] = slot;
    waiting_.erase(id);
  }
  if (!relay_ || relay_->slot != slot) return true;
  for (const InstrumentId id : fresh) {
    hand_over_.Offer(id, static_cast<HandOver::Socket>(relay_->link));
    relay_->left.insert(id);
  }
  (void)links_[relay_->link]->Want(ids, mode);  // it has what the slot's link has
  return true;
}

bool Pool::MayMove() const {
  return !relay_ && (!renewal_ || clock_.Now() - renewal_->began >= long_limit_);
}

bool Pool::StartMove(InstrumentId id, std::size_t from, SocketPlan::Place to) {
  if (!MayMove()) return false;
  if (!slots_[to.socket] && !GiveLink(to.socket)) return false;
  if (!LookOf(to.socket).open && clock_.Now() < next_move_) return false;
  hand_over_.Offer(id, static_cast<HandOver::Socket>(*slots_[to.socket]));
  if (!LinkOf(to.socket).Want({&id, 1}, to.mode)) {
    hand_over_.Withdraw(id);
    return false;
  }
  moves_[id] = {.from = from, .to = to.socket, .closed_since = clock_.Now()};
  return true;
}

void Pool::EndMove(InstrumentId id) {
  const Move move = moves_.at(id);
  LinkOf(move.from).Drop({&id, 1});
  if (hand_over_.StartsAnew(id)) LinkOf(move.to).AskAgain({&id, 1});
  at_[id] = move.to;
  moves_.erase(id);
}

void Pool::CancelMove(InstrumentId id) {
  const auto found = moves_.find(id);
  if (found == moves_.end()) return;
  hand_over_.Withdraw(id);
  if (hand_over_.OwnerOf(id) == *slots_[found->second.to]) {  // a moment ago
    EndMove(id);
    return;
  }
  LinkOf(found->second.to).Drop({&id, 1});
  moves_.erase(found);
}

void Pool::PutOff(InstrumentId id) {
  CancelMove(id);
  next_move_ = clock_.Now() + kMovePause;
  if (at_.at(id) != plan_.Of(id)->socket) waiting_.insert(id);
}

void Pool::TakeSettled() {
  for (const InstrumentId id : hand_over_.TakeSettled()) {
    const auto owner = hand_over_.OwnerOf(id);
    if (const auto move = moves_.find(id); move != moves_.end()) {
      if (owner == *slots_[move->second.to]) EndMove(id);
    } else if (relay_ && owner == relay_->link) {
      if (hand_over_.StartsAnew(id)) links_[relay_->link]->AskAgain({&id, 1});
      relay_->left.erase(id);
    }
  }
}

void Pool::FollowMoves() {
  std::vector<InstrumentId> late;
  std::vector<InstrumentId> stuck;
  for (auto& [id, move] : moves_) {
    if (LookOf(move.to).open) move.closed_since = clock_.Now();
    if (!LookOf(move.from).open || IsLate(id, *slots_[move.to])) {
      late.push_back(id);
    } else if (clock_.Now() - move.closed_since >= long_limit_) {
      stuck.push_back(id);
    }
  }
  for (const InstrumentId id : stuck) PutOff(id);
  std::set<std::size_t> handed_on;  // slots whose gap went with their keys
  for (const InstrumentId id : late) {
    const Move move = moves_.at(id);
    const auto lost = LookOf(move.from).open ? std::nullopt : LinkOf(move.from).OpenGap();
    if (Force(id, *slots_[move.to], lost) && lost) handed_on.insert(move.from);
    EndMove(id);
  }
  for (const std::size_t slot : handed_on) {
    if (KeysAt(slot).empty()) LinkOf(slot).DropGap();
  }
}

bool Pool::IsLate(InstrumentId id, std::size_t link) const {
  const auto asked_at = links_[link]->AskedAt(id);
  const auto progress = hand_over_.ProgressOf(id);
  if (!asked_at || !progress) return false;
  const auto waited = clock_.Now() - *asked_at;
  if (waited >= long_limit_) return true;
  return waited >= hand_over_limit_ && progress->heard && !progress->owner_moved;
}

// Where both are open, neither has said anything since and the new one's snapshot has no newer
// trade, nothing is missing.
bool Pool::Force(InstrumentId id, std::size_t link, const std::optional<Gap>& lost) {
  const auto progress = hand_over_.ProgressOf(id);
  if (!progress) return false;
  // Before the new one may bring anything: its first frame ends the gap, and must not begin it.
  const std::int64_t last = listings_.counts(id).last_received_ns.load();
  hand_over_.Give(id, static_cast<HandOver::Socket>(link));
  links_[link]->AskAgain({&id, 1});
  if (lost) {
    links_[link]->StartGap(*lost);
  } else if (last != 0 && (progress->ahead || progress->moved || progress->owner_moved)) {
    links_[link]->StartGap(
        {.from_ns = last,
         .cause = "HAND_OVER",
         .detail = listings_.At(id)->key + ": two connections did not come to the same place"});
  }
  return true;
}

void Pool::PlaceWaiting() {
  const std::vector<InstrumentId> ids{waiting_.begin(), waiting_.end()};
  for (const InstrumentId id : ids) Place(id);
  const bool may_break = std::all_of(waiting_.begin(), waiting_.end(), [&](InstrumentId id) {
    const std::size_t to = plan_.Of(id)->socket;
    const auto at = at_.find(id);
    const bool served = at != at_.end() && LookOf(at->second).open;
    return slots_[to] && (!served || LookOf(to).open);
  });
  if (!waiting_.empty() && may_break && moves_.empty() && MayMove()) BreakFirst();
}

// They stand in each other's way: all leave their places before they go to the new ones.
void Pool::BreakFirst() {
  const std::vector<InstrumentId> ids{waiting_.begin(), waiting_.end()};
  std::map<InstrumentId, std::size_t> left;  // the slot of each
  for (const InstrumentId id : ids) {
    if (const auto at = at_.find(id); at != at_.end()) left.insert(*at);
  }
  std::map<std::size_t, std::int64_t> covered_ns;  // by slot
  for (const auto& [id, slot] : left) {
    if (!covered_ns.contains(slot)) covered_ns[slot] = LinkOf(slot).CoveredNs();
    LinkOf(slot).Drop({&id, 1});
    at_.erase(id);
  }
  for (const InstrumentId id : ids) Place(id);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot]) LinkOf(slot).Hurry();
  }
  for (const auto& [id, slot] : left) {
    const auto at = at_.find(id);
    const std::int64_t from_ns = covered_ns.at(slot);
    if (at == at_.end() || from_ns == 0) continue;
    LinkOf(at->second)
        .StartGap({.from_ns = from_ns,
                   .cause = "HAND_OVER",
                   .detail = "keys changed places without room for both"});
  }
}

std::vector<SubscriptionBook::Row> Pool::Rows() const {
  std::vector<SubscriptionBook::Row> rows;
  rows.reserve(plan_.size());
  for (const auto& [id, place] : plan_.places()) {
    const auto owner = hand_over_.OwnerOf(id);
    auto row = owner ? links_[*owner]->RowOf(id) : std::nullopt;
    if (!row) row.emplace(SubscriptionBook::Row{.id = id});
    row->mode = place.mode;
    rows.push_back(*std::move(row));
  }
  return rows;
}

}  // namespace sauda::feed
