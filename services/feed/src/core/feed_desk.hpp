#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/connection_rule.hpp"
#include "services/feed/src/core/follow_filter.hpp"
#include "services/feed/src/core/instrument_directory.hpp"
#include "services/feed/src/core/subscription_book.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// What a caller wants subscribed.
struct WantedNames {
  std::vector<std::string> names;
  std::optional<Mode> mode;            ///< absent: as it is, FULL when new
  bool only_raise = false;             ///< leave those alone that have as much already
  bool skip_unknown = false;           ///< leave out what nothing goes by instead of refusing all
  std::optional<Selection> selection;  ///< taken too, after the names
};

/// A key that is subscribed and was not before.
struct FreshKey {
  InstrumentId id = 0;
  std::shared_ptr<const Listing> listing;  ///< never null
};

/// What came of it.
struct Subscribed {
  std::vector<InstrumentId> ids;     ///< in the order of the names, then of the selection
  std::vector<std::string> unknown;  ///< names that were left out
  std::vector<Taken> taken;          ///< of the selection, one for each kind
};

/// One key and how it stands.
struct SubscriptionRow {
  Listing listing;
  Mode mode = Mode::kFull;
  SubscriptionState state = SubscriptionState::kWaiting;
  std::uint64_t ticks = 0;
  std::int64_t last_received_ns = 0;  ///< 0: none yet
  std::uint32_t attempts = 0;         ///< times that asking for it was tried on this connection
  std::string failure;                ///< reason of the last that failed; empty: it did not
};

/// The connection at a glance.
struct ConnectionStatus {
  ConnectionState state = ConnectionState::kConnecting;
  std::string detail;         ///< why it is not LIVE, for people; empty when it is
  std::int64_t since_ns = 0;  ///< in this state
  std::uint64_t connects = 0;
  std::size_t wanted = 0;
  std::size_t asked = 0;   ///< on this connection, failed ones apart
  std::size_t failed = 0;  ///< with the silent ones
  std::size_t silent = 0;  ///< asked for and never answered with a tick
  double rate = 0;         ///< keys asked for per second in the last minute
  std::int64_t last_frame_ns = 0;
  SegmentStatus segments;
  bool simulated = false;
};

/// The feed at a glance.
struct FeedState {
  std::string instance;
  ConnectionStatus connection;
  std::uint64_t ticks = 0;
  std::uint64_t decode_errors = 0;
  std::size_t cached_prices = 0;
  std::uint64_t store_waiting = 0;
  std::uint64_t store_written = 0;
  std::uint64_t store_lost = 0;
  std::int64_t market_ms = 0;  ///< 0: the simulator has not said it yet
};

/// Everything a caller may ask of the feed but the ticks. Thread-safe; Subscribe may wait for
/// the instruments service.
class FeedDesk {
 public:
  virtual ~FeedDesk() = default;
  /// Keys in the order of the names; nothing is subscribed. Fails, and may wait, as
  /// InstrumentDirectory does.
  virtual Result<std::vector<std::string>> KeysOf(const std::vector<std::string>& names,
                                                  const std::string& request_id) = 0;
  /// All or nothing, but for skip_unknown. Fails as InstrumentDirectory, SelectionPlan and
  /// SubscriptionBook do, and with kNotFound / SELECTION_EMPTY when no active instrument is in the
  /// selection.
  virtual Result<Subscribed> Subscribe(const WantedNames& wanted,
                                       const std::string& request_id) = 0;
  /// Those that were subscribed. Names are keys, or symbols of subscribed keys; others are left
  /// out.
  virtual std::vector<InstrumentId> Unsubscribe(const std::vector<std::string>& names) = 0;
  /// Ids of those that this process knows; for readers that leave a key.
  virtual std::vector<InstrumentId> Known(const std::vector<std::string>& names) const = 0;
  virtual std::string KeyOf(InstrumentId id) const = 0;
  /// By key, rising.
  virtual std::vector<SubscriptionRow> List() const = 0;
  /// What it takes, with names as keys and the universe as the instruments service has it now. From
  /// then on listings of subscribed contracts say what those are written on, as far as it knows.
  /// Fails, and may wait, as InstrumentDirectory does.
  virtual Result<FollowFilter> FilterOf(const WantedFollow& wanted,
                                        const std::string& request_id) = 0;
  virtual FeedState State() const = 0;
  /// Calls `on_fresh` whenever keys are subscribed that were not, before their first tick can come,
  /// and again when it becomes known what one of them is written on; nothing: nobody is told any
  /// more. It must not block, nor ask the desk.
  virtual void Listen(std::function<void(const std::vector<FreshKey>&)> on_fresh) = 0;
  virtual void Connect() = 0;
  virtual void Disconnect() = 0;
};

/// Runs work that may block, on a bounded pool. False: too much waits already; nothing was taken.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  virtual bool Post(std::function<void()> task) = 0;
};

}  // namespace sauda::feed
