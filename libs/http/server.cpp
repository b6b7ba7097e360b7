#include "libs/http/server.hpp"

#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "libs/http/http_session.hpp"
#include "libs/http/server_core.hpp"
#include "libs/http/url.hpp"

namespace sauda::http {
namespace {

using Tcp = net::ip::tcp;

constexpr std::chrono::milliseconds kAcceptPause{100};  // after an error: out of descriptors
constexpr int kBacklog = 1'024;

Result<void> LoadTls(const ServerTls& tls, net::ssl::context& context) {
  beast::error_code error;
  context.set_options(net::ssl::context::default_workarounds | net::ssl::context::no_sslv2 |
                      net::ssl::context::no_sslv3 | net::ssl::context::no_compression);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (!tls.certificate_pem.empty()) {
    context.use_certificate_chain(net::buffer(tls.certificate_pem), error);
  } else {
    context.use_certificate_chain_file(tls.certificate_file, error);
  }
  if (error) return Error{Code::kInvalidArgument, "TLS_INVALID", "certificate: " + error.message()};
  if (!tls.key_pem.empty()) {
    context.use_private_key(net::buffer(tls.key_pem), net::ssl::context::pem, error);
  } else {
    context.use_private_key_file(tls.key_file, net::ssl::context::pem, error);
  }
  if (error) return Error{Code::kInvalidArgument, "TLS_INVALID", "key: " + error.message()};
  return {};
}

}  // namespace

/// Owns the listener and the threads; the rest is the core's, which connections keep alive.
class Server::Impl {
 public:
  explicit Impl(ServerOptions options)
      : core_{std::make_shared<ServerCore>(std::move(options))},
        acceptor_{net::make_strand(core_->io)},
        pause_{acceptor_.get_executor()},
        work_{net::make_work_guard(core_->io)} {}

  void Add(std::string method, std::string pattern, ServerCore::AnyHandler handler) {
    core_->router.Add(std::move(method), pattern, core_->routes.size());
    core_->routes.push_back({std::move(pattern), std::move(handler)});
  }

  Result<void> Start();
  void Stop(std::chrono::milliseconds grace);

  std::uint16_t port() const { return port_; }
  ServerCore& core() { return *core_; }

 private:
  void Accept();
  void OnAccept(beast::error_code error, Tcp::socket socket);

  const std::shared_ptr<ServerCore> core_;
  Tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::optional<net::executor_work_guard<net::io_context::executor_type>> work_;
  std::vector<std::thread> threads_;
};

Result<void> Server::Impl::Start() {
  const ServerOptions& options = core_->options;
  beast::error_code error;
  const auto address = net::ip::make_address(options.address, error);
  if (error) {
    return Error{Code::kInvalidArgument, "ADDRESS_INVALID",
                 "\"" + options.address + "\" is not an IP address"};
  }
  if (options.tls) {
    core_->tls.emplace(net::ssl::context::tls_server);
    if (auto loaded = LoadTls(*options.tls, *core_->tls); !loaded) return loaded;
  }
  const Tcp::endpoint endpoint{address, options.port};
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address{true}, error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) {
    return Error{Code::kUnavailable, "BIND_FAILED",
                 options.address + ":" + std::to_string(options.port) + ": " + error.message()};
  }
  Accept();
  threads_.reserve(options.threads);
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this] { core_->io.run(); });
  }
  return {};
}

void Server::Impl::Accept() {
  acceptor_.async_accept(
      net::make_strand(core_->io),
      [this](beast::error_code error, Tcp::socket socket) { OnAccept(error, std::move(socket)); });
}

void Server::Impl::OnAccept(beast::error_code error, Tcp::socket socket) {
  if (core_->stopping || error == net::error::operation_aborted) return;
  if (error) {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](beast::error_code cancelled) {
      if (!cancelled) Accept();
    });
    return;
  }
  const auto remote = socket.remote_endpoint(error);
  if (!error && core_->CountPeers() < core_->options.max_connections) {
    beast::error_code ignored;
    socket.set_option(Tcp::no_delay{true}, ignored);
    AnyStream::Tcp tcp{std::move(socket)};
    auto stream = core_->tls ? AnyStream{std::move(tcp), *core_->tls} : AnyStream{std::move(tcp)};
    std::make_shared<HttpSession>(
        core_, std::move(stream),
        Url{.host = remote.address().to_string(), .port = remote.port()}.HostPort())
        ->Start();
  }
  Accept();
}

void Server::Impl::Stop(std::chrono::milliseconds grace) {
  if (core_->stopping.exchange(true)) return;
  net::post(acceptor_.get_executor(), [this] {
    beast::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
  for (const auto& peer : core_->AllPeers()) peer->Finish();
  {
    std::unique_lock lock{core_->mutex};
    core_->peers_changed.wait_for(lock, grace, [this] { return core_->peers.empty(); });
  }
  for (const auto& peer : core_->AllPeers()) peer->Cut();
  work_.reset();
  if (threads_.empty()) core_->io.poll();  // never started
  for (std::thread& thread : threads_) thread.join();
  core_->stopped = true;
}

Server::Server(ServerOptions options) : impl_{std::make_unique<Impl>(std::move(options))} {}

Server::~Server() { Stop(std::chrono::milliseconds{0}); }

void Server::Route(std::string method, std::string pattern, Handler handler) {
  impl_->Add(std::move(method), std::move(pattern), std::move(handler));
}

void Server::RouteStream(std::string method, std::string pattern, StreamHandler handler) {
  impl_->Add(std::move(method), std::move(pattern), std::move(handler));
}

void Server::RouteWebSocket(std::string pattern, UpgradeHandler handler) {
  impl_->Add(kUpgradeMethod, std::move(pattern), std::move(handler));
}

Result<void> Server::Start() { return impl_->Start(); }

std::uint16_t Server::port() const { return impl_->port(); }

std::string Server::url() const {
  const ServerOptions& options = impl_->core().options;
  return std::string{options.tls ? "https://" : "http://"} +
         Url{.host = options.address, .port = port()}.HostPort();
}

std::size_t Server::connections() const { return impl_->core().CountPeers(); }

void Server::Stop(std::chrono::milliseconds grace) { impl_->Stop(grace); }

Handler Blocking(WorkerPool& pool, std::function<Response(const Request&)> handle,
                 std::function<Response(const Request&)> busy) {
  return [&pool, handle = std::move(handle), busy = std::move(busy)](Request request,
                                                                     const Respond& respond) {
    const auto shared = std::make_shared<const Request>(std::move(request));
    const bool taken = pool.TryRun([handle, respond, shared] { respond(handle(*shared)); });
    if (taken) return;
    if (busy) return respond(busy(*shared));
    Response answer = Response::Text(503, "BUSY: too many requests wait\n");
    answer.headers.Set("Retry-After", "1");
    respond(std::move(answer));
  };
}

}  // namespace sauda::http
