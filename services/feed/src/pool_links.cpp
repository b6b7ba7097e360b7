// Pool's links: which slot has which, and how they follow a new token.

#include <algorithm>
#include <utility>

#include "services/feed/src/pool.hpp"

namespace sauda::feed {
namespace {

/// After a link that was to take over a slot's keys was lost or did not open; the longest one.
constexpr std::chrono::seconds kRelayPause{5};
constexpr std::chrono::seconds kLongRelayPause{320};
/// So often in a row, whatever the reason, and it is given up for a while.
constexpr std::uint32_t kFailures = 3;
/// So often refused, the broker takes no connection more.
constexpr std::uint32_t kRefusals = 2;
constexpr std::chrono::milliseconds kCheckEvery{100};  // keys that are late or wait

}  // namespace

std::vector<LinkStatus> Pool::Look(const SegmentStatus& segments) {
  std::vector<LinkStatus> looks;
  looks.reserve(links_.size());
  for (const auto& link : links_) looks.push_back(link->Look(segments));
  return looks;
}

std::vector<Pool::Used> Pool::used() const {
  std::vector<Used> used;
  for (const auto& link : slots_) {
    if (link) used.push_back({.link = *link, .status = looks_[*link]});
  }
  return used;
}

double Pool::Rate() const {
  double rate = 0;
  for (const auto& link : links_) rate += link->Rate();
  return rate;
}

void Pool::Step(const Orders& orders, const SegmentStatus& segments) {
  looks_ = Look(segments);
  TakeSettled();
  if (!orders.up) return CloseAll(orders);
  const bool check = clock_.Now() >= next_check_;
  if (check) next_check_ = clock_.Now() + kCheckEvery;
  if (relay_) FollowRelay(orders, check);
  if (renewal_) FollowRenewal();
  if (check) FollowMoves();
  if (check) PlaceWaiting();
  if (may_free_ && MayMove() && moves_.empty() && waiting_.empty()) {
    may_free_ = false;
    for (const InstrumentId id : plan_.FreeOne()) Place(id);
  }
  ServeSlots(orders);
  if (orders.token) FollowToken(*orders.token);
}

std::optional<std::size_t> Pool::FreeLink() const {
  for (std::size_t link = 0; link < links_.size(); ++link) {
    const bool assigned = std::find(slots_.begin(), slots_.end(), link) != slots_.end();
    const bool relays = relay_ && relay_->link == link;
    const LinkStatus& look = looks_[link];
    if (!assigned && !relays && !look.up && !look.open && !look.has_gap) return link;
  }
  return std::nullopt;
}

std::size_t Pool::Assigned() const {
  return static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(),
                                                [](const auto& link) { return link.has_value(); }));
}

std::vector<InstrumentId> Pool::KeysAt(std::size_t slot) const {
  std::vector<InstrumentId> ids;
  for (const auto& [id, at] : at_) {
    if (at == slot) ids.push_back(id);
  }
  return ids;
}

bool Pool::GiveLink(std::size_t slot) {
  // One that takes over and cannot connect is worth less than keys that have no link at all.
  if (relay_ && !looks_[relay_->link].open && !FreeLink()) CancelRelay();
  slots_[slot] = FreeLink();
  return slots_[slot].has_value();
}

void Pool::Retire(std::size_t link) {
  links_[link]->Disconnect("", "");
  links_[link]->Clear();
  looks_[link].up = true;  // not free before a look says so
}

void Pool::ServeSlots(const Orders& orders) {
  std::vector<std::size_t> keys(slots_.size());
  for (const auto& [id, slot] : at_) ++keys[slot];
  for (const auto& [id, move] : moves_) ++keys[move.to];
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!slots_[slot]) continue;
    const bool empty = keys[slot] == 0 && !plan_.IsUsed(slot);
    const bool relays = relay_ && relay_->slot == slot;
    if (slot > 0 && empty && !relays) {
      Retire(*std::exchange(slots_[slot], std::nullopt));
    } else {
      LinkOf(slot).Connect(orders.token);
    }
  }
  if (relay_) links_[relay_->link]->Connect(orders.token);
}

void Pool::CloseAll(const Orders& orders) {
  if (relay_) CancelRelay();
  for (const auto& link : links_) link->Disconnect("DISCONNECTED", orders.close_detail);
}

void Pool::StartGap(const Gap& gap) {
  std::set<std::size_t> slots{0};
  for (const auto& [id, slot] : at_) slots.insert(slot);
  if (!at_.empty() && KeysAt(0).empty()) slots.erase(0);
  for (const std::size_t slot : slots) LinkOf(slot).StartGap(gap);
}

void Pool::FollowToken(const BrokerToken& token) {
  if (relay_ || renewal_ || !moves_.empty()) return;
  if (!waiting_.empty() && clock_.Now() >= next_move_) return;  // these first
  if (relay_pause_.token_version == token.version && clock_.Now() < relay_pause_.until) return;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!slots_[slot]) continue;
    const LinkStatus& look = LookOf(slot);
    if (!look.open || look.token_version == token.version) continue;
    if (Assigned() < links_.size() && no_spare_for_ != token.version) {
      if (const auto link = FreeLink()) StartRelay(slot, *link, token);  // else one is closing
    } else {
      LinkOf(slot).Renew(token);
      renewal_ = {.slot = slot, .token_version = token.version, .began = clock_.Now()};
    }
    return;
  }
}

// One after the other, so that the fewest keys are away.
void Pool::FollowRenewal() {
  const auto link = slots_[renewal_->slot];
  const LinkStatus* const look = link ? &looks_[*link] : nullptr;
  const bool is_back =
      look != nullptr && look->open && look->token_version >= renewal_->token_version;
  if (look == nullptr || (is_back && !look->has_gap)) renewal_.reset();
}

void Pool::StartRelay(std::size_t slot, std::size_t link, const BrokerToken& token) {
  relay_ = Relay{.slot = slot,
                 .link = link,
                 .token_version = token.version,
                 .old_connects = LookOf(slot).connects,
                 .failures = looks_[link].failures};
  std::map<Mode, std::vector<InstrumentId>> by_mode;
  for (const InstrumentId id : KeysAt(slot)) {
    hand_over_.Offer(id, static_cast<HandOver::Socket>(link));
    relay_->left.insert(id);
    by_mode[plan_.Of(id)->mode].push_back(id);
  }
  for (const auto& [mode, ids] : by_mode) (void)links_[link]->Want(ids, mode);
  links_[link]->Connect(token);
}

void Pool::FollowRelay(const Orders& orders, bool check) {
  const LinkStatus& next = looks_[relay_->link];
  const LinkStatus& old = LookOf(relay_->slot);
  const bool old_lost = !old.open || old.connects != relay_->old_connects;
  if (next.open && old_lost) return FinishRelay();
  if (!next.open && old_lost) return CancelRelay();  // it comes back with the new token
  if (relay_->next_connects && (!next.open || next.connects != *relay_->next_connects)) {
    PauseRelays();
    return CancelRelay();
  }
  if (!next.open) {
    const bool refused = next.refusals >= kRefusals;
    const bool fails = next.failures >= relay_->failures + kFailures;
    if (refused) no_spare_for_ = relay_->token_version;
    if (fails && !refused) PauseRelays();
    if (refused || fails || !orders.token) CancelRelay();
    return;
  }
  relay_->next_connects = next.connects;
  for (const InstrumentId id : check ? std::vector(relay_->left.begin(), relay_->left.end())
                                     : std::vector<InstrumentId>{}) {
    if (!IsLate(id, relay_->link)) continue;
    (void)Force(id, relay_->link, std::nullopt);
    relay_->left.erase(id);
  }
  if (relay_->left.empty() && links_[relay_->link]->AllAsked()) FinishRelay();
}

void Pool::FinishRelay() {
  const Relay relay = *std::exchange(relay_, std::nullopt);
  const std::size_t old = *slots_[relay.slot];
  const auto lost = links_[old]->OpenGap();
  for (const InstrumentId id : relay.left) (void)Force(id, relay.link, lost);
  if (lost) links_[relay.link]->StartGap(*lost);
  links_[old]->DropGap();
  Retire(old);
  slots_[relay.slot] = relay.link;
  relay_pause_ = {};
}

void Pool::PauseRelays() {
  if (relay_pause_.token_version != relay_->token_version) relay_pause_ = {};
  const auto length = std::clamp(2 * relay_pause_.length, kRelayPause, kLongRelayPause);
  relay_pause_ = {
      .token_version = relay_->token_version, .until = clock_.Now() + length, .length = length};
}

void Pool::CancelRelay() {
  const Relay relay = *std::exchange(relay_, std::nullopt);
  const auto old = static_cast<HandOver::Socket>(*slots_[relay.slot]);
  for (const InstrumentId id : relay.left) hand_over_.Withdraw(id);
  std::vector<InstrumentId> back;
  for (const InstrumentId id : KeysAt(relay.slot)) {
    if (hand_over_.OwnerOf(id) != relay.link) continue;
    hand_over_.Give(id, old);
    back.push_back(id);
  }
  links_[old]->AskAgain(back);
  const LinkStatus& next = looks_[relay.link];
  const bool lost = relay.next_connects && (!next.open || next.connects != *relay.next_connects);
  if (!back.empty() && lost) {
    links_[old]->StartGap({.from_ns = next.last_frame_ns,
                           .cause = "CONNECTION_LOST",
                           .detail = "lost while it was to take over"});
  }
  // Of keys that are its own; that of its loss alone is nothing when it had none.
  const auto gap = links_[relay.link]->OpenGap();
  if (gap && (!back.empty() || !lost)) links_[old]->StartGap(*gap);
  links_[relay.link]->DropGap();
  Retire(relay.link);
}

}  // namespace sauda::feed
