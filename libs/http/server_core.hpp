#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "libs/http/router.hpp"
#include "libs/http/server.hpp"

namespace sauda::http {

/// One connection in any of its lives: HTTP, stream or WebSocket. Both may be called from any
/// thread.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Ends politely: after the answer under way, after what waits, with a close frame.
  virtual void Finish() = 0;
  /// Ends at once.
  virtual void Cut() = 0;
};

/// What all connections of a server share. Held by each of them, so it outlives a late answer.
/// Internal to libs/http.
struct ServerCore {
  explicit ServerCore(ServerOptions server_options)
      : options{std::move(server_options)}, io{static_cast<int>(options.threads)} {}

  using AnyHandler = std::variant<Handler, StreamHandler, UpgradeHandler>;
  struct RouteEntry {
    std::string pattern;
    AnyHandler handler;
  };

  const ServerOptions options;
  Router router;
  std::vector<RouteEntry> routes;
  std::optional<boost::asio::ssl::context> tls;
  boost::asio::io_context io;
  std::atomic<bool> stopping{false};
  std::atomic<bool> stopped{false};  // the threads are gone: nothing may be posted any more

  std::mutex mutex;
  std::condition_variable peers_changed;
  std::unordered_map<const Peer*, std::weak_ptr<Peer>> peers;  // guarded by mutex

  void Join(const std::shared_ptr<Peer>& peer);
  void Leave(const Peer* peer);
  std::size_t CountPeers();
  std::vector<std::shared_ptr<Peer>> AllPeers();

  /// The answer to an error that the server found itself, by the options' way.
  Response ErrorAnswer(int status, std::string_view reason, const std::string& message,
                       const Request* request) const;
};

/// The method under which upgrade routes stand in the router.
inline constexpr const char* kUpgradeMethod = "WEBSOCKET";

/// Status line and header fields of an answer, ready to be written. `length` absent: chunked when
/// `chunked`, else until the connection closes.
std::string FormatHead(const Response& response, std::optional<std::size_t> length, bool chunked,
                       bool keep_alive);

}  // namespace sauda::http
