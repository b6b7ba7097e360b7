#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/server.hpp"
#include "simulator/src/core/faults.hpp"
#include "simulator/src/core/tickets.hpp"
#include "simulator/src/core/update_shuffle.hpp"
#include "simulator/src/loop.hpp"
#include "simulator/src/metrics.hpp"
#include "simulator/src/rest/guard.hpp"
#include "simulator/src/socket_set.hpp"
#include "simulator/src/stream_faults.hpp"

namespace sauda::sim {

/// The portfolio stream: text messages of order, position and holding changes to
/// every session that asked for their type. Lives on the loop's thread. A session that cannot take
/// a message is cut, since nothing is repeated; a session that a fault silences misses them, and a
/// fault plan may lose, double and reorder them.
class PortfolioHub {
 public:
  struct Options {
    std::size_t max_connections = 2;
    std::chrono::milliseconds idle_limit{30'000};
    std::string announced_host;  ///< of authorized addresses; empty: the request's own Host
  };

  /// How long a plan holds an update back when no others overtake it.
  static constexpr std::chrono::milliseconds kHeldAtMost{200};

  static constexpr const char* kPath =
      "/portfolio-stream-feeder/v2/upstox-developer-api/order-updates/feed";

  PortfolioHub(Loop& loop, Faults& faults, Metrics& metrics, Options options);

  /// A wss address good for one connection with the request's `update_types`. Fails with
  /// UDAPI100036 for a type that does not exist.
  Answer<std::string> NewAddress(const http::Request& request, Monotonic now);

  /// Answers an upgrade at such an address.
  void Connect(const http::Request& request, const Moment& moment, http::Upgrade& upgrade);

  /// Sends one message to the sessions that asked for `type`: order, position, holding.
  void Publish(const std::string& type, const std::string& message);

  /// Does to open sessions what a fault just added asks for.
  void Inflict(FaultKind kind, Monotonic now) { faults_.Inflict(kind, now); }

  /// After faults were cleared or ran out: half-open sessions read and write again.
  void Heal(Monotonic now) { faults_.Heal(now); }

  std::size_t size() const { return sockets_.size(); }

 private:
  using Bytes = std::shared_ptr<const std::string>;
  struct Session {
    std::set<std::string> types;
    UpdateShuffle<Bytes> shuffle;
  };

  void OnOpen(SocketSet::Id id);
  void Send(SocketSet::Id id, const std::vector<Bytes>& messages);
  void Flush();

  Loop& loop_;
  Faults& all_faults_;
  Metrics& metrics_;
  const Options options_;
  Tickets tickets_;
  SocketSet sockets_;
  StreamFaults faults_;
  std::map<SocketSet::Id, Session> sessions_;
  bool flush_due_ = false;  // a timer will let go of what is held back
};

}  // namespace sauda::sim
