#include "libs/http/web_socket_client.hpp"

#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "libs/http/client_tls.hpp"
#include "libs/http/web_socket_link.hpp"

namespace sauda::http {
namespace {

using Outcome = tl::expected<std::shared_ptr<WebSocket>, OpenFailure>;
using Tcp = net::ip::tcp;

ClientResponse ToResponse(const WebSocketLink::HttpResponse& answer) {
  ClientResponse response;
  response.status = static_cast<int>(answer.result_int());
  for (const auto& field : answer) {
    response.headers.Add(std::string{field.name_string().data(), field.name_string().size()},
                         std::string{field.value().data(), field.value().size()});
  }
  response.body = answer.body();
  return response;
}

/// One attempt to open one address, from name to upgrade. Lives on the client's thread; whoever
/// waits holds the future.
class Opening : public std::enable_shared_from_this<Opening> {
 public:
  Opening(net::io_context& io, net::ssl::context& tls, Url url,
          std::chrono::steady_clock::time_point deadline)
      : io_{io}, tls_{tls}, url_{std::move(url)}, deadline_{deadline}, resolver_{io}, timer_{io} {}

  void Start(std::shared_ptr<WebSocketLink> link, Headers headers,
             WebSocketClient::OnAnswer on_answer) {
    link_ = std::move(link);
    headers_ = std::move(headers);
    on_answer_ = std::move(on_answer);
    timer_.expires_at(deadline_);
    timer_.async_wait([self = shared_from_this()](beast::error_code error) {
      if (!error) self->OnDeadline();
    });
    resolver_.async_resolve(url_.host, std::to_string(url_.port),
                            [self = shared_from_this()](beast::error_code error,
                                                        const Tcp::resolver::results_type& found) {
                              if (error)
                                return self->Fail(Code::kUnavailable, "CONNECT_FAILED",
                                                  error.message());
                              self->Connect(found);
                            });
  }

  std::future<Outcome> outcome() { return promise_.get_future(); }
  /// The connection is up and the deadline no longer counts. On the client's thread.
  void OnOpen() {
    if (std::exchange(done_, true)) return;
    timer_.cancel();
    promise_.set_value(std::move(link_));
  }

 private:
  void Connect(const Tcp::resolver::results_type& found) {
    if (done_) return;
    AnyStream::Tcp tcp{io_};
    stream_.emplace(url_.tls() ? AnyStream{std::move(tcp), tls_} : AnyStream{std::move(tcp)});
    stream_->next_layer().async_connect(
        found, [self = shared_from_this()](beast::error_code error, const Tcp::endpoint&) {
          if (self->done_) return;
          if (error) return self->Fail(Code::kUnavailable, "CONNECT_FAILED", error.message());
          self->ShakeHands();
        });
  }

  void ShakeHands() {
    if (stream_->tls() == nullptr) return AskForUpgrade();
    if (!ExpectHost(*stream_->tls(), url_.host)) {
      return Fail(Code::kUnavailable, "TLS_FAILED", "the host's name is not usable");
    }
    stream_->tls()->async_handshake(
        net::ssl::stream_base::client, [self = shared_from_this()](beast::error_code error) {
          if (self->done_) return;
          if (error) {
            return self->Fail(Code::kUnavailable, "TLS_FAILED",
                              DescribeTlsFailure(*self->stream_->tls(), error));
          }
          self->AskForUpgrade();
        });
  }

  void AskForUpgrade() {
    link_->StartClient(
        std::move(*stream_), url_.HostHeader(), url_.target, std::move(headers_),
        [on_answer = std::move(on_answer_),
         link = std::weak_ptr{link_}](const WebSocketLink::HttpResponse& answer) {
          if (on_answer) on_answer(ToResponse(answer).headers, link.lock());
        },
        [self = shared_from_this()](beast::error_code error,
                                    const WebSocketLink::HttpResponse& answer) {
          if (error != beast::websocket::error::upgrade_declined) {
            return self->Fail(Code::kUnavailable, "PROTOCOL_ERROR", error.message());
          }
          self->failure_.answer = ToResponse(answer);
          self->Fail(Code::kUnavailable, "UPGRADE_REFUSED",
                     "status " + std::to_string(answer.result_int()));
        });
    stream_.reset();
  }

  void OnDeadline() {
    if (done_) return;
    resolver_.cancel();
    if (stream_) stream_->Close();
    const auto link = link_;
    link->Silence();
    Fail(Code::kDeadlineExceeded, "TIMEOUT", "opening took too long");
    link->Drop();
  }

  void Fail(Code code, const char* reason, const std::string& what) {
    if (std::exchange(done_, true)) return;
    timer_.cancel();
    failure_.error = {code, reason, url_.HostPort() + ": " + what};
    link_.reset();  // it holds this by its events
    promise_.set_value(tl::unexpected{std::move(failure_)});
  }

  net::io_context& io_;
  net::ssl::context& tls_;
  const Url url_;
  const std::chrono::steady_clock::time_point deadline_;
  Tcp::resolver resolver_;
  net::steady_timer timer_;
  std::optional<AnyStream> stream_;
  std::shared_ptr<WebSocketLink> link_;
  Headers headers_;
  WebSocketClient::OnAnswer on_answer_;
  std::promise<Outcome> promise_;
  OpenFailure failure_;
  bool done_ = false;
};

}  // namespace

/// Owns the thread and knows which links are open, to drop them at the end.
class WebSocketClient::Impl {
 public:
  Impl(WebSocketClientOptions options, std::unique_ptr<net::ssl::context> tls)
      : options_{std::move(options)},
        tls_{std::move(tls)},
        work_{net::make_work_guard(*io_)},
        thread_{[this] { io_->run(); }} {}

  ~Impl() {
    {
      const std::lock_guard lock{mutex_};
      for (const auto& weak : links_) {
        if (const auto link = weak.lock()) link->Drop();
      }
    }
    work_.reset();
    thread_.join();
  }

  Outcome Open(const std::string& address, Headers headers, const WebSocketOptions& options,
               const WebSocketEvents& events, const WebSocketClient::OnAnswer& on_answer) {
    const auto deadline = std::chrono::steady_clock::now() + options_.connect_deadline;
    if (!headers.Has("User-Agent")) headers.Set("User-Agent", options_.user_agent);
    auto first = OpenOne(address, headers, options, events, on_answer, deadline);
    if (first || !options_.follow_redirect || first.error().answer.status != 302) return first;
    Headers plain;  // what may be shown to another host
    plain.Set("User-Agent", std::string{headers.Get("User-Agent")});
    return OpenOne(std::string{first.error().answer.headers.Get("Location")}, plain, options,
                   events, on_answer, deadline);
  }

 private:
  Outcome OpenOne(const std::string& address, const Headers& headers,
                  const WebSocketOptions& options, WebSocketEvents events,
                  const WebSocketClient::OnAnswer& on_answer,
                  std::chrono::steady_clock::time_point deadline) {
    const auto url = Url::Parse(address);
    if (!url) return tl::unexpected{OpenFailure{url.error(), {}}};
    if (auto allowed = CheckEgress(options_.allowed, *url); !allowed) {
      return tl::unexpected{OpenFailure{allowed.error(), {}}};
    }
    if (auto allowed = CheckProcessEgress(*url); !allowed) {
      return tl::unexpected{OpenFailure{allowed.error(), {}}};
    }
    const auto opening = std::make_shared<Opening>(*io_, *tls_, *url, deadline);
    auto outcome = opening->outcome();
    events.on_open = [opening, on_open = std::move(events.on_open)] {
      if (on_open) on_open();
      opening->OnOpen();
    };
    const auto link =
        std::make_shared<WebSocketLink>(io_, io_->get_executor(), options, std::move(events));
    {
      const std::lock_guard lock{mutex_};
      std::erase_if(links_, [](const auto& weak) { return weak.expired(); });
      links_.push_back(link);
    }
    net::post(*io_,
              [opening, link, headers, on_answer] { opening->Start(link, headers, on_answer); });
    return outcome.get();
  }

  const WebSocketClientOptions options_;
  const std::unique_ptr<net::ssl::context> tls_;
  const std::shared_ptr<net::io_context> io_ = std::make_shared<net::io_context>(1);
  std::optional<net::executor_work_guard<net::io_context::executor_type>> work_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<WebSocketLink>> links_;  // guarded by mutex_
  std::thread thread_;
};

Result<std::unique_ptr<WebSocketClient>> WebSocketClient::Make(WebSocketClientOptions options) {
  auto tls = MakeClientTls(options.ca);
  if (!tls) return tls.error();
  return std::unique_ptr<WebSocketClient>{
      new WebSocketClient{std::make_unique<Impl>(std::move(options), std::move(*tls))}};
}

WebSocketClient::WebSocketClient(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
WebSocketClient::~WebSocketClient() = default;

tl::expected<std::shared_ptr<WebSocket>, OpenFailure> WebSocketClient::Open(
    const std::string& url, const Headers& headers, const WebSocketOptions& options,
    const WebSocketEvents& events, const WebSocketClient::OnAnswer& on_answer) {
  return impl_->Open(url, headers, options, events, on_answer);
}

}  // namespace sauda::http
