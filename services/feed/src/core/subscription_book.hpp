#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/listings.hpp"
#include "services/feed/src/core/socket_limits.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// How one key stands. The numbers are the proto's. kFailed: it could not be asked for; kSilent: it
/// was, and no tick came in time.
enum class SubscriptionState : std::uint8_t {
  kWaiting = 1,
  kAsked = 2,
  kLive = 3,
  kFailed = 4,
  kSilent = 5
};

/// What is wanted from the broker and how far it has been asked for, on one connection. Decides
/// what to ask next; whoever owns it sends that and says how it went. Not thread-safe.
class SubscriptionBook {
 public:
  struct Pace {
    std::size_t batch_keys = 50;                 ///< keys in one batch
    std::chrono::milliseconds batch_gap{1'000};  ///< between two batches
    /// A key asked for and silent for so long counts as silent and is asked for again.
    std::chrono::milliseconds answer_limit{60'000};
  };

  /// One request to the broker.
  struct Batch {
    bool subscribe = true;  ///< false: end the subscription
    Mode mode = Mode::kFull;
    std::vector<InstrumentId> ids;
  };

  struct Row {
    InstrumentId id = 0;
    Mode mode = Mode::kFull;
    SubscriptionState state = SubscriptionState::kWaiting;
    std::uint32_t attempts = 0;  ///< times that asking for it was tried on this connection
    /// Why the last attempt failed: NO_TICK, or the reason why it was not sent; empty: it did not.
    std::string failure;
  };

  SubscriptionBook(const Listings& listings, Pace pace) : listings_{listings}, pace_{pace} {}

  /// Wants `ids` in `mode`. Takes all or nothing. Fails with kResourceExhausted /
  /// SUBSCRIPTION_LIMIT.
  Result<void> Want(std::span<const InstrumentId> ids, Mode mode);

  /// Wants them no more; gives those that were wanted.
  std::vector<InstrumentId> Drop(std::span<const InstrumentId> ids);

  /// Asks for those of them that are wanted once more, which brings a new snapshot.
  void AskAgain(std::span<const InstrumentId> ids);

  /// What is to be asked for or ended now goes without a pause between the batches.
  void Hurry();

  /// A new connection: nothing is asked for, the first batch is due at once. `hurry`: the batches
  /// follow each other without a pause until every key has been asked for.
  void OnConnected(Monotonic now, bool hurry = false);
  void OnDisconnected();

  /// When Take will have something, if ever. Only on a connection.
  std::optional<Monotonic> NextDue() const;

  /// The next request, if one is due: ended ones first, then keys in the order in which they were
  /// first wanted. At most `batch_keys` keys in each `batch_gap`, whatever their modes.
  std::optional<Batch> Take(Monotonic now);

  /// A batch could not be sent, for that reason; its keys are asked for again with a later one.
  void OnSendFailed(const Batch& batch, const std::string& reason);

  std::optional<Mode> ModeOf(InstrumentId id) const;
  std::vector<Row> Rows() const;
  std::size_t size() const { return entries_.size(); }
  std::optional<Row> RowOf(InstrumentId id) const;
  /// When it was last asked for on this connection; absent: it was not.
  std::optional<Monotonic> AskedAt(InstrumentId id) const;
  std::size_t Count(SubscriptionState state) const;
  /// Whether every key has been asked for on this connection, answered or not.
  bool AllAsked() const;

  /// Keys asked for per second in the last minute.
  double Rate(Monotonic now) const;

 private:
  struct Entry {
    Mode mode = Mode::kFull;
    bool asked = false;          // on this connection
    std::uint32_t attempts = 0;  // on this connection
    std::string failure;         // of the last try; empty: it did not fail, or not yet
    std::uint64_t ticks_when_asked = 0;
    Monotonic asked_at;
  };
  struct Asked {
    Monotonic at;
    std::size_t keys = 0;
  };

  /// Whether a tick came since it was asked for.
  bool Ticks(InstrumentId id, const Entry& entry) const;
  SubscriptionState StateOf(InstrumentId id, const Entry& entry) const;
  Row RowOf(InstrumentId id, const Entry& entry) const;
  bool IsDue(InstrumentId id, const Entry& entry, Monotonic now) const;
  Batch TakeDrops(std::size_t budget);
  Batch TakeWanted(std::size_t budget, Monotonic now);

  const Listings& listings_;
  const Pace pace_;
  std::map<InstrumentId, Entry> entries_;  // ids rise in the order of first sight
  KeysByMode keys_{};                      // of entries_
  std::set<InstrumentId> drops_;           // asked for on this connection, wanted no more
  bool connected_ = false;
  bool hurry_ = false;
  Monotonic window_start_;
  std::size_t window_keys_ = 0;  // keys sent since window_start_
  std::deque<Asked> asked_;      // of the last minute
};

}  // namespace sauda::feed
