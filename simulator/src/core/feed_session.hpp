#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/src/core/market.hpp"

namespace sauda::sim {

/// What a subscription asks for.
enum class FeedMode : std::uint8_t { kLtpc, kOptionGreeks, kFull, kFullD30 };
inline constexpr std::size_t kFeedModes = 4;

/// `ltpc`, `option_greeks`, `full`, `full_d30`; absent for anything else.
std::optional<FeedMode> FeedModeOf(std::string_view name);

/// One key of an outgoing message.
struct FeedEntry {
  const std::string* key = nullptr;  ///< lives as long as the Master
  const FullState* state = nullptr;
  FeedMode mode = FeedMode::kLtpc;
  std::uint8_t parts = kAllParts;  ///< the parts to send; others are left out
};

/// One outgoing FeedResponse in plain terms; feed_encoder.hpp makes the bytes. Holds pointers into
/// the market, so it is encoded before the market moves.
struct FeedFrame {
  enum class Type : std::uint8_t { kInitial, kLive, kMarketInfo };  // the wire's numbers
  Type type = Type::kLive;
  std::int64_t current_ms = 0;
  std::vector<FeedEntry> feeds;                  ///< keys are unique within a frame
  const SegmentStatuses* market_info = nullptr;  ///< only with kMarketInfo
};

/// Why keys of a request were not taken. The broker says nothing about it on the wire, neither does
/// the simulator; these are for its admin page and log.
struct Refused {
  std::uint64_t frames_not_binary = 0;
  std::uint64_t frames_malformed = 0;  ///< not JSON, no method, no keys, an unknown mode
  std::uint64_t keys_unknown = 0;
  std::uint64_t keys_over_limit = 0;
  std::uint64_t keys_not_allowed = 0;  ///< full_d30 without the Plus plan
};

/// What one session was sent.
struct FeedCounts {
  std::uint64_t frames = 0;
  std::uint64_t initial = 0;  ///< keys in snapshots
  std::uint64_t live = 0;     ///< keys in live messages
  Refused refused;
  std::unordered_map<ListingId, std::uint64_t> live_by_listing;  ///< kept only when asked for
};

/// The V3 protocol of one connection, without the connection: takes request frames and market
/// updates, gives the messages to send. Not thread-safe; lives on the market's thread.
///
/// Where the broker's documents are silent (docs/broker.md, "Open points") it does this: text
/// frames, malformed requests and unknown keys are ignored; keys over a limit are ignored in the
/// order of the request, those before them are taken; the snapshot's type is initial_feed; a `sub`
/// of a key that is subscribed already changes its mode and gives a snapshot again; `change_mode`
/// of a key that is not subscribed is ignored.
class FeedSession {
 public:
  struct Options {
    bool plus_plan = false;         ///< allows full_d30
    std::size_t most_keys = 0;      ///< of all modes together, below the modes' own limits; 0: none
    bool incremental = false;       ///< leave out parts that did not change since the last message
    bool count_by_listing = false;  ///< keep FeedCounts::live_by_listing
  };

  /// `market` must outlive the session.
  FeedSession(Market& market, Options options);
  ~FeedSession();  ///< unfollows what it followed
  FeedSession(const FeedSession&) = delete;
  FeedSession& operator=(const FeedSession&) = delete;

  /// What is sent at once after the connection opens: one market_info.
  FeedFrame Open(Monotonic now);

  /// Takes one frame from the client; gives the snapshot to send, if any.
  std::optional<FeedFrame> OnRequest(std::string_view payload, bool binary, Monotonic now);

  /// Takes the updates of one Advance; gives the messages to send, in order: none when nothing of
  /// them is subscribed. Updates of different keys at one market time share a message; a key's
  /// second update starts a new one. A change of a segment's status comes first, so this is called
  /// also when nothing was updated. Nothing before Open.
  std::vector<FeedFrame> OnUpdates(std::span<const Update> updates, Monotonic now);

  std::size_t subscribed(FeedMode mode) const;
  std::optional<FeedMode> ModeOf(ListingId id) const;
  const FeedCounts& counts() const { return counts_; }

 private:
  struct Subscription {
    FeedMode mode = FeedMode::kLtpc;
    std::uint64_t frame = 0;              ///< number of the last message that holds it
    std::array<std::uint64_t, 4> sent{};  ///< a hash of each part as last sent, when incremental
  };

  void Drop(ListingId id);
  bool Take(ListingId id, FeedMode mode, bool may_add);
  bool AddTo(FeedFrame& frame, ListingId id, const FullState* state);

  Market& market_;
  const Options options_;
  bool open_ = false;
  std::uint64_t frame_number_ = 0;
  std::unordered_map<ListingId, Subscription> subscriptions_;
  std::array<std::size_t, kFeedModes> per_mode_{};
  SegmentStatuses told_{};  ///< the statuses of the last market_info
  FeedCounts counts_;
};

}  // namespace sauda::sim
