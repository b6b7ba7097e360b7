#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "libs/http/any_stream.hpp"
#include "libs/http/client.hpp"
#include "libs/http/url.hpp"

namespace sauda::http {

/// One connection of the client to one host, used by one thread at a time. Every operation has a
/// deadline, after which the connection is closed. Internal to libs/http.
class ClientConnection {
 public:
  using Endpoints = std::vector<net::ip::tcp::endpoint>;
  using Deadline = std::chrono::steady_clock::time_point;

  ClientConnection(const Url& url, net::ssl::context& tls);

  /// CONNECT_FAILED, TLS_FAILED or TIMEOUT.
  Result<void> Open(const Endpoints& endpoints, Deadline deadline);

  struct Exchange {
    const Url& url;
    const ClientRequest& request;
    const std::string& user_agent;
    std::size_t max_bytes;
    const Client::OnChunk* on_chunk;  // nullptr: into the response
    Deadline deadline;
  };
  /// Sends and reads the answer. `unanswered` of a failure: not one byte came back.
  SendResult Run(const Exchange& exchange, bool& unanswered);

  /// Whether it may be used again: the last answer was whole and the peer keeps it open.
  bool reusable() const { return reusable_; }
  /// Asks the socket whether the peer has closed it, or said something unasked.
  bool IsQuiet();

  std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }

 private:
  struct Reading;

  /// Runs what `start` began until it ends. The error of an operation that did not end in time is
  /// beast::error::timeout.
  template <typename Start>
  beast::error_code Await(Deadline deadline, const Start& start);
  std::string Format(const Exchange& exchange) const;
  SendResult ReadAnswer(const Exchange& exchange, bool& unanswered);

  const std::string host_;
  net::io_context io_;
  AnyStream stream_;
  bool name_expected_ = true;  // false: TLS refused to check the host's name
  beast::flat_buffer buffer_;
  bool reusable_ = false;
  std::chrono::steady_clock::time_point idle_since_;
};

}  // namespace sauda::http
