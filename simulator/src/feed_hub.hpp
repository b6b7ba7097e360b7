#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "libs/http/server.hpp"
#include "simulator/src/core/faults.hpp"
#include "simulator/src/core/feed_session.hpp"
#include "simulator/src/core/tickets.hpp"
#include "simulator/src/loop.hpp"
#include "simulator/src/metrics.hpp"
#include "simulator/src/rest/guard.hpp"
#include "simulator/src/sent_record.hpp"
#include "simulator/src/socket_set.hpp"
#include "simulator/src/stream_faults.hpp"

namespace sauda::sim {

/// The market-data feed V3: authorized addresses, sessions, their messages and
/// faults. Lives on the loop's thread.
///
/// A recording waits for its slowest session, so that every message arrives; a generated market
/// does not wait: a slow session misses updates, which are counted. A session that a fault silences
/// is never waited for.
class FeedHub {
 public:
  struct Options {
    std::size_t max_connections = 2;
    bool deflate = false;
    /// A ping after half of this silence, the end after all of it.
    std::chrono::milliseconds idle_limit{30'000};
    std::string announced_host;   ///< of authorized addresses; empty: the request's own Host
    bool waits_for_slow = false;  ///< a recording
    FeedSession::Options session;
    SentRecord* record = nullptr;  ///< outlives the hub; nullptr: none is kept
  };
  /// One session as the admin page shows it.
  struct Shown {
    SocketSet::Id id = 0;
    std::int64_t opened_ms = 0;  ///< market time
    std::array<std::size_t, kFeedModes> subscribed{};
    FeedCounts counts;
    std::uint64_t skipped = 0;
  };

  /// A session that asks on without reading is dropped when this waits for it.
  static constexpr std::size_t kMaxWaitingFrames = 1'024;
  static constexpr std::size_t kMaxWaitingBytes = 8'388'608;

  static constexpr const char* kPath = "/market-data-feeder/v3/upstox-developer-api/feeds";

  FeedHub(Loop& loop, Market& market, Faults& faults, Metrics& metrics, Options options);

  /// A wss address good for one connection.
  std::string NewAddress(const http::Request& request, Monotonic now);

  /// Answers an upgrade at such an address.
  void Connect(const http::Request& request, const Moment& moment, http::Upgrade& upgrade);

  /// How many updates the market may give now; 0: wait until a session drains.
  std::size_t Budget();

  void OnUpdates(std::span<const Update> updates, Monotonic now);

  /// Does to open sessions what a fault just added asks for.
  void Inflict(FaultKind kind, Monotonic now) { faults_.Inflict(kind, now); }

  /// After faults were cleared or ran out: half-open sessions read and write again.
  void Heal(Monotonic now) { faults_.Heal(now); }

  std::vector<Shown> Show() const;

 private:
  struct Message {
    std::shared_ptr<const std::string> bytes;
    SentRecord::What what = SentRecord::What::kLive;
    std::vector<SentEntry> entries;  // for the record
  };
  struct Session {
    std::unique_ptr<FeedSession> protocol;
    std::deque<Message> waiting;  // frames the socket had no room for
    std::size_t waiting_bytes = 0;
    std::shared_ptr<const std::string> last_frame;
    std::int64_t opened_ms = 0;
    std::uint64_t skipped = 0;
  };

  void OnOpen(SocketSet::Id id);
  void OnMessage(SocketSet::Id id, const std::string& bytes, http::FrameKind kind);
  void Send(SocketSet::Id id, Session& session, const FeedFrame& frame);
  bool Flush(SocketSet::Id id, Session& session);
  void GiveUpWaiting(Session& session);
  void Record(SocketSet::Id id, SentRecord::What what, const std::vector<SentEntry>& entries) const;
  void RecordSkipped(SocketSet::Id id, const Session& session, std::span<const Update> updates);
  void RecordAway(std::span<const Update> updates);
  SentEntry EntryOf(const Update& update) const;
  std::string Broken(SocketSet::Id id, FaultKind kind) const;

  Market& market_;
  Metrics& metrics_;
  const Options options_;
  Tickets tickets_;
  SocketSet sockets_;
  StreamFaults faults_;
  std::map<SocketSet::Id, Session> sessions_;
  std::unordered_set<const std::string*> noted_;  // keys of the updates under way, for the record
};

}  // namespace sauda::sim
