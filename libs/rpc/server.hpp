#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/settings/service.hpp"

namespace grpc {
class Server;
class ServerCompletionQueue;
class ServerCredentials;
class Service;
}  // namespace grpc

namespace sauda::rpc {

/// How a service is served.
struct ServerSettings {
  std::string listen;  ///< host:port; the default is the service's own
  TlsSettings tls;
  std::chrono::milliseconds drain_limit{5'000};

  void Declare(Settings& settings);
};

/// A service that serves calls from a completion queue of its own, on a thread of its own.
class QueueUser {
 public:
  virtual ~QueueUser() = default;
  /// The server has started.
  virtual void Serve(std::unique_ptr<grpc::ServerCompletionQueue> queue) = 0;
  /// Every call was ended or cancelled: takes what is left in the queue and returns when it is
  /// over.
  virtual void Drain() = 0;
};

/// A gRPC server with health and reflection. Handlers of the synchronous API run on at most
/// kMaxThreads threads. Clients may ping every ten seconds.
class Server {
 public:
  static constexpr int kMaxThreads = 64;
  static constexpr int kMaxMessageBytes = 16 * 1'048'576;

  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// `services` and `queue_user`, when there is one, must outlive the server. Health starts as
  /// NOT_SERVING. Fails with kUnavailable / PORT_TAKEN, kInvalidArgument / TLS_FILES_UNREADABLE, or
  /// kInvalidArgument / BIND_NEEDS_TLS: an address beyond loopback without certificates.
  Result<void> Start(const ServerSettings& settings, const std::vector<grpc::Service*>& services,
                     QueueUser* queue_user = nullptr);

  /// Health of the whole.
  void SetServing(bool serving);

  /// Health of one part, asked for by its name.
  void SetServing(const std::string& part, bool serving);

  /// NOT_SERVING first; then calls get the drain limit to end, and what is left is cancelled.
  /// Streams must be ended by their service before.
  void Stop();

  /// The port in use, when `listen` had port 0.
  int port() const { return port_; }

 private:
  std::chrono::milliseconds drain_limit_{};
  int port_ = 0;
  QueueUser* queue_user_ = nullptr;
  std::unique_ptr<grpc::Server> server_;
};

/// True for 127.0.0.0/8, ::1 and localhost, with or without a port; not for names that only begin
/// like them.
bool IsLoopback(const std::string& address);

}  // namespace sauda::rpc
