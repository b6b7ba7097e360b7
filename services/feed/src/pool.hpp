#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"
#include "services/feed/src/core/hand_over.hpp"
#include "services/feed/src/core/socket_plan.hpp"
#include "services/feed/src/link.hpp"

namespace sauda::feed {

/// The links to the broker and the keys on them. Not thread-safe: its owner's lock guards it, and
/// is taken before a link's own.
///
/// Keys have slots (SocketPlan), and each slot that is in use a link. A key that moves is asked for
/// in its new place first, changes hands (HandOver), and only then leaves the old one. With a new
/// token a link without a slot takes over a slot's keys in the same way, and the slot's old link is
/// closed once the last of them has changed hands; without a link to spare the slot's own is closed
/// and opened anew. At most one slot does either at a time, and no key moves meanwhile. What does
/// not open holds up no move for long: a link that is to take over is given up after some failures,
/// a slot's own that does not come back is not awaited, and a key whose new link is closed stays
/// where it is; all are tried again later.
class Pool {
 public:
  using Brokers = std::vector<std::reference_wrapper<BrokerFeed>>;
  /// What its links are to be.
  struct Orders {
    bool up = false;
    std::optional<BrokerToken> token;  ///< absent: none; what is open stays so
    std::string close_detail;          ///< why not up, for people
  };
  /// A slot in use.
  struct Used {
    std::size_t link = 0;  ///< its number
    LinkStatus status;
  };

  /// One link for each of `brokers`, at least one. All references outlive it. `hand_over_limit`:
  /// how long a key's new socket is awaited once it was heard and the old one says nothing more;
  /// five times as long otherwise, and as long to be opened.
  Pool(const Brokers& brokers, const Listings& listings, HandOver& hand_over, const Clock& clock,
       Link::Options options, const Link::Events& events,
       std::chrono::milliseconds hand_over_limit);

  void Start();
  /// Waits for the links' threads, which call events: not under a lock that these take.
  void Stop();

  /// As SocketPlan.
  Result<void> Want(std::span<const InstrumentId> ids, Mode mode, bool only_raise);
  std::vector<InstrumentId> Drop(std::span<const InstrumentId> ids);
  const SocketPlan& plan() const { return plan_; }

  /// Does what is due. Called when a link has changed, and now and then.
  void Step(const Orders& orders, const SegmentStatus& segments);

  /// Something is missing for all keys, as Link has it.
  void StartGap(const Gap& gap);

  /// How the links stand now, by number.
  std::vector<LinkStatus> Look(const SegmentStatus& segments);
  /// The slots in use, as of the last step.
  std::vector<Used> used() const;
  std::vector<SubscriptionBook::Row> Rows() const;
  /// Keys asked for per second in the last minute.
  double Rate() const;
  /// Whether keys move or wait: Step is due several times a second.
  bool busy() const { return relay_ || !moves_.empty() || !waiting_.empty(); }
  std::size_t size() const { return links_.size(); }

 private:
  /// A key on its way from one slot to another.
  struct Move {
    std::size_t from = 0;
    std::size_t to = 0;
    Monotonic closed_since;  // the new link; when it began, or was last seen open
  };
  /// A slot's keys on their way to another link.
  struct Relay {
    std::size_t slot = 0;
    std::size_t link = 0;
    std::uint64_t token_version = 0;
    std::uint64_t old_connects = 0;              // when it began: another connection is a loss
    std::uint32_t failures = 0;                  // of the new link, when it began
    std::optional<std::uint64_t> next_connects;  // once it was open
    std::set<InstrumentId> left;                 // have not changed hands
  };
  /// A slot whose own link is closed and opened anew.
  struct Renewal {
    std::size_t slot = 0;
    std::uint64_t token_version = 0;
    Monotonic began;
  };
  /// No relay for a token before a time.
  struct RelayPause {
    std::uint64_t token_version = 0;
    Monotonic until;
    std::chrono::seconds length{0};  // it doubles from one to the next
  };

  // pool.cpp: keys
  void PlaceAll(std::span<const InstrumentId> ids, Mode mode);
  void Place(InstrumentId id);
  bool Ask(std::size_t slot, std::span<const InstrumentId> ids, Mode mode);
  bool MayMove() const;
  bool StartMove(InstrumentId id, std::size_t from, SocketPlan::Place to);
  void EndMove(InstrumentId id);
  void CancelMove(InstrumentId id);
  /// Leaves a key where it is until its new link may have opened.
  void PutOff(InstrumentId id);
  void TakeSettled();
  void FollowMoves();
  void PlaceWaiting();
  void BreakFirst();
  /// Makes `link` the owner of a key that has not changed hands by itself; it is asked for again.
  /// `lost` is what its old owner's link misses. False: the key has, a moment ago.
  bool Force(InstrumentId id, std::size_t link, const std::optional<Gap>& lost);
  /// Whether a key has had its time on `link`, which is offered it.
  bool IsLate(InstrumentId id, std::size_t link) const;

  // pool_links.cpp: links and tokens
  bool GiveLink(std::size_t slot);
  /// An open gap that no other link was given ends with it.
  void Retire(std::size_t link);
  void ServeSlots(const Orders& orders);
  void CloseAll(const Orders& orders);
  void FollowToken(const BrokerToken& token);
  void FollowRenewal();
  void StartRelay(std::size_t slot, std::size_t link, const BrokerToken& token);
  void FollowRelay(const Orders& orders, bool check);
  void FinishRelay();
  void CancelRelay();
  void PauseRelays();
  std::optional<std::size_t> FreeLink() const;
  std::size_t Assigned() const;
  std::vector<InstrumentId> KeysAt(std::size_t slot) const;
  Link& LinkOf(std::size_t slot) const { return *links_[*slots_[slot]]; }
  const LinkStatus& LookOf(std::size_t slot) const { return looks_[*slots_[slot]]; }

  const Listings& listings_;
  HandOver& hand_over_;
  const Clock& clock_;
  const std::chrono::milliseconds hand_over_limit_;
  const std::chrono::milliseconds long_limit_;  // for a key whose old socket still speaks for it
  SocketPlan plan_;
  bool may_free_ = false;                          // a slot, since the plan has changed
  std::vector<std::optional<std::size_t>> slots_;  // the link of each
  std::map<InstrumentId, std::size_t> at_;         // the slot a key is in; absent: none yet
  std::set<InstrumentId> waiting_;                 // their place has no room yet
  std::map<InstrumentId, Move> moves_;
  std::optional<Relay> relay_;
  std::optional<Renewal> renewal_;
  std::uint64_t no_spare_for_ = 0;  // version of a token: the broker took no connection more
  RelayPause relay_pause_;
  Monotonic next_move_;                       // to a link that is closed: not before
  Monotonic next_check_;                      // of keys that are late or wait
  std::vector<LinkStatus> looks_;             // by link
  std::vector<std::unique_ptr<Link>> links_;  // last: their threads call events
};

}  // namespace sauda::feed
