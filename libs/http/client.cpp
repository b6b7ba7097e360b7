#include "libs/http/client.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>

#include "libs/http/client_connection.hpp"
#include "libs/http/client_tls.hpp"

namespace sauda::http {
namespace {

using Deadline = ClientConnection::Deadline;
using Endpoints = ClientConnection::Endpoints;

/// Asks the name server on a thread of its own, since getaddrinfo knows no deadline. Thread-safe.
class Resolver {
 public:
  Resolver() : work_{net::make_work_guard(io_)}, thread_{[this] { io_.run(); }} {}
  ~Resolver() {
    work_.reset();
    io_.stop();
    thread_.join();
  }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// CONNECT_FAILED or TIMEOUT.
  Result<Endpoints> Resolve(const Url& url, Deadline deadline) {
    beast::error_code not_a_number;
    const auto address = net::ip::make_address(url.host, not_a_number);
    if (!not_a_number) return Endpoints{{address, url.port}};
    const auto promise = std::make_shared<std::promise<Result<Endpoints>>>();
    auto answer = promise->get_future();
    const auto resolver = std::make_shared<net::ip::tcp::resolver>(io_);
    resolver->async_resolve(
        url.host, std::to_string(url.port),
        [promise, resolver, name = url.HostPort()](
            beast::error_code error, const net::ip::tcp::resolver::results_type& found) {
          if (error) {
            promise->set_value(
                Error{Code::kUnavailable, "CONNECT_FAILED", name + ": " + error.message()});
            return;
          }
          promise->set_value(Endpoints{found.begin(), found.end()});
        });
    if (answer.wait_until(deadline) == std::future_status::ready) return answer.get();
    return Error{Code::kDeadlineExceeded, "TIMEOUT", url.HostPort() + ": no name server answer"};
  }

 private:
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> work_;
  std::thread thread_;
};

bool MayRepeat(const ClientRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

}  // namespace

/// Owns the kept connections and what is known of each host.
class Client::Impl {
 public:
  Impl(ClientOptions options, const Clock& clock, std::unique_ptr<net::ssl::context> tls)
      : options_{std::move(options)}, clock_{clock}, tls_{std::move(tls)} {}

  SendResult Send(const ClientRequest& request, std::chrono::milliseconds limit,
                  std::size_t max_bytes, const OnChunk* on_chunk);
  std::vector<HostStats> Stats() const;
  std::size_t max_response_bytes() const { return options_.max_response_bytes; }

 private:
  using Connection = std::unique_ptr<ClientConnection>;
  struct Host {
    explicit Host(Breaker::Limits limits) : breaker{limits} {}
    Breaker breaker;
    std::optional<Monotonic> not_before;
    std::vector<Connection> idle;
    HostStats stats;
  };

  Host& Of(const std::string& name);
  std::optional<SendFailure> Enter(const std::string& name);
  void Leave(const std::string& name, const SendResult& result);
  Connection TakeIdle(const std::string& name);
  void Keep(const std::string& name, Connection connection);
  Result<Connection> Connect(const Url& url, Deadline deadline);
  SendResult Exchange(const ClientConnection::Exchange& exchange);

  const ClientOptions options_;
  const Clock& clock_;
  const std::unique_ptr<net::ssl::context> tls_;
  Resolver resolver_;
  mutable std::mutex mutex_;
  std::map<std::string, Host> hosts_;  // guarded by mutex_; by "host:port"
};

Client::Impl::Host& Client::Impl::Of(const std::string& name) {
  return hosts_.try_emplace(name, options_.breaker).first->second;
}

std::optional<SendFailure> Client::Impl::Enter(const std::string& name) {
  const std::lock_guard lock{mutex_};
  Host& host = Of(name);
  const Monotonic now = clock_.Now();
  if (host.not_before && now < *host.not_before) {
    ++host.stats.refused;
    return SendFailure{{Code::kResourceExhausted, "RATE_LIMITED", name + " asked for a pause"},
                       false,
                       host.not_before};
  }
  if (!host.breaker.TryEnter(now)) {
    ++host.stats.refused;
    return SendFailure{
        {Code::kUnavailable, "BREAKER_OPEN", name + " failed too often, waiting a while"},
        false,
        host.breaker.until()};
  }
  return std::nullopt;
}

void Client::Impl::Leave(const std::string& name, const SendResult& result) {
  const std::lock_guard lock{mutex_};
  Host& host = Of(name);
  const Monotonic now = clock_.Now();
  if (!result) {
    ++host.stats.failed;
    const Code code = result.error().error.code;
    const bool of_peer = code == Code::kUnavailable || code == Code::kDeadlineExceeded;
    of_peer ? host.breaker.Failed(now) : host.breaker.Abandoned();
    return;
  }
  ++host.stats.sent;
  if (result->status == 429) ++host.stats.limited;
  if (result->retry_after) {
    host.not_before = now + std::min(*result->retry_after, options_.max_retry_after);
  }
  result->status >= 500 ? host.breaker.Failed(now) : host.breaker.Succeeded();
}

Client::Impl::Connection Client::Impl::TakeIdle(const std::string& name) {
  const auto now = std::chrono::steady_clock::now();
  while (true) {
    Connection connection;
    {
      const std::lock_guard lock{mutex_};
      auto& idle = Of(name).idle;
      if (idle.empty()) return nullptr;
      connection = std::move(idle.back());  // the freshest: the rest may grow old and go
      idle.pop_back();
    }
    if (now - connection->idle_since() < options_.keep_idle && connection->IsQuiet()) {
      return connection;
    }
  }
}

void Client::Impl::Keep(const std::string& name, Connection connection) {
  if (!connection->reusable()) return;
  const std::lock_guard lock{mutex_};
  auto& idle = Of(name).idle;
  if (idle.size() < options_.max_idle_per_host) idle.push_back(std::move(connection));
}

Result<Client::Impl::Connection> Client::Impl::Connect(const Url& url, Deadline deadline) {
  deadline = std::min(deadline, std::chrono::steady_clock::now() + options_.connect_deadline);
  auto endpoints = resolver_.Resolve(url, deadline);
  if (!endpoints) return endpoints.error();
  {
    const std::lock_guard lock{mutex_};
    ++Of(url.HostPort()).stats.connects;
  }
  auto connection = std::make_unique<ClientConnection>(url, *tls_);
  if (auto opened = connection->Open(*endpoints, deadline); !opened) return opened.error();
  return connection;
}

SendResult Client::Impl::Exchange(const ClientConnection::Exchange& exchange) {
  const std::string name = exchange.url.HostPort();
  Connection connection = TakeIdle(name);
  if (connection) {
    bool unanswered = false;
    auto result = connection->Run(exchange, unanswered);
    Keep(name, std::move(connection));
    const bool stale = !result && unanswered && result.error().error.reason == "PROTOCOL_ERROR";
    if (!stale || !MayRepeat(exchange.request)) return result;
  }
  auto opened = Connect(exchange.url, exchange.deadline);
  if (!opened) return tl::unexpected{SendFailure{opened.error(), false}};
  bool unanswered = false;
  auto result = (*opened)->Run(exchange, unanswered);
  Keep(name, std::move(*opened));
  return result;
}

SendResult Client::Impl::Send(const ClientRequest& request, std::chrono::milliseconds limit,
                              std::size_t max_bytes, const OnChunk* on_chunk) {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  const auto url = Url::Parse(request.url);
  if (!url) return tl::unexpected{SendFailure{url.error(), false}};
  if (auto allowed = CheckEgress(options_.allowed, *url); !allowed) {
    return tl::unexpected{SendFailure{allowed.error(), false}};
  }
  if (auto allowed = CheckProcessEgress(*url); !allowed) {
    return tl::unexpected{SendFailure{allowed.error(), false}};
  }
  const std::string name = url->HostPort();
  if (auto refused = Enter(name)) return tl::unexpected{std::move(*refused)};
  auto result = Exchange({.url = *url,
                          .request = request,
                          .user_agent = options_.user_agent,
                          .max_bytes = max_bytes,
                          .on_chunk = on_chunk,
                          .deadline = deadline});
  if (result && (result->status == 429 || result->status == 503)) {
    result->retry_after =
        ParseRetryAfter(result->headers.Get("Retry-After"), result->headers.Get("Date"));
  }
  Leave(name, result);
  return result;
}

std::vector<HostStats> Client::Impl::Stats() const {
  const std::lock_guard lock{mutex_};
  std::vector<HostStats> all;
  for (const auto& [name, host] : hosts_) {
    all.push_back(host.stats);
    all.back().host = name;
    all.back().breaker = host.breaker.state(clock_.Now());
    all.back().breaker_opened = host.breaker.opened();
  }
  return all;
}

Result<void> CheckTrustedCa(const TrustedCa& ca) {
  if (const auto tls = MakeClientTls(ca); !tls) return tls.error();
  return {};
}

Result<std::unique_ptr<Client>> Client::Make(ClientOptions options, const Clock& clock) {
  auto tls = MakeClientTls(options.ca);
  if (!tls) return tls.error();
  return std::unique_ptr<Client>{
      new Client{std::make_unique<Impl>(std::move(options), clock, std::move(*tls))}};
}

Client::Client(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Client::~Client() = default;

SendResult Client::Send(const ClientRequest& request, std::chrono::milliseconds deadline) {
  return impl_->Send(request, deadline, impl_->max_response_bytes(), nullptr);
}

SendResult Client::Stream(const ClientRequest& request, std::chrono::milliseconds deadline,
                          std::size_t max_bytes, const OnChunk& on_chunk) {
  return impl_->Send(request, deadline, max_bytes, &on_chunk);
}

std::vector<HostStats> Client::Stats() const { return impl_->Stats(); }

}  // namespace sauda::http
