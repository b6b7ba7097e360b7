#pragma once

#include <memory>
#include <utility>

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace sauda::http {

namespace beast = boost::beast;
namespace net = boost::asio;

/// A TCP connection with or without TLS as one type, so that what stands on it is compiled once.
/// Reads can be held back (Hold), for a peer that pretends to be half open. Like every Asio stream:
/// one read and one write at a time, on the connection's strand. Internal to libs/http.
class AnyStream {
 public:
  using Tcp = beast::tcp_stream;
  using Tls = beast::ssl_stream<Tcp>;
  using next_layer_type = Tcp;
  using executor_type = Tcp::executor_type;

  explicit AnyStream(Tcp tcp) : plain_{std::make_unique<Tcp>(std::move(tcp))} {}
  AnyStream(Tcp tcp, net::ssl::context& context)
      : tls_{std::make_unique<Tls>(std::move(tcp), context)} {}

  Tcp& next_layer() { return tls_ ? tls_->next_layer() : *plain_; }
  const Tcp& next_layer() const { return tls_ ? tls_->next_layer() : *plain_; }
  executor_type get_executor() { return next_layer().get_executor(); }
  /// The TLS layer; nullptr on a plain connection.
  Tls* tls() { return tls_.get(); }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    // Completions run on the stream's own executor, the strand, which is every handler's here too.
    auto deliver = [this, handler = std::forward<Handler>(handler)](beast::error_code error,
                                                                    std::size_t size) mutable {
      if (!held_) return handler(error, size);
      parked_ = std::make_unique<ParkedRead<decltype(handler)>>(std::move(handler), error, size);
    };
    if (tls_) {
      tls_->async_read_some(buffers, std::move(deliver));
    } else {
      plain_->async_read_some(buffers, std::move(deliver));
    }
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    // Asio leaves a written first buffer of two in place, empty; Beast's TLS stream in front of
    // more than 16 KiB then writes nothing, and Asio takes that for the end.
    if (tls_ && BeginsEmpty(buffers)) {
      tls_->async_write_some(FirstWithBytes(buffers), std::forward<Handler>(handler));
    } else if (tls_) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      plain_->async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

  /// While held, what a read brought stays here. Letting go delivers it.
  void Hold(bool held) {
    held_ = held;
    if (held_ || !parked_) return;
    const std::unique_ptr<Parked> parked = std::move(parked_);
    parked->Deliver();
  }

  /// Drops what is parked, so that the operation it belongs to ends with the connection.
  void Close() {
    beast::error_code ignored;
    next_layer().socket().close(ignored);
    Hold(false);
  }

 private:
  template <typename Buffers>
  static bool BeginsEmpty(const Buffers& buffers) {
    const auto first = net::buffer_sequence_begin(buffers);
    return first != net::buffer_sequence_end(buffers) && net::const_buffer{*first}.size() == 0;
  }
  template <typename Buffers>
  static net::const_buffer FirstWithBytes(const Buffers& buffers) {
    const auto end = net::buffer_sequence_end(buffers);
    for (auto each = net::buffer_sequence_begin(buffers); each != end; ++each) {
      if (const net::const_buffer buffer{*each}; buffer.size() > 0) return buffer;
    }
    return {};
  }

  struct Parked {
    virtual ~Parked() = default;
    virtual void Deliver() = 0;
  };
  template <typename Handler>
  struct ParkedRead final : Parked {
    ParkedRead(Handler read_handler, beast::error_code read_error, std::size_t read_size)
        : handler{std::move(read_handler)}, error{read_error}, size{read_size} {}
    void Deliver() override { handler(error, size); }
    Handler handler;
    beast::error_code error;
    std::size_t size;
  };

  std::unique_ptr<Tcp> plain_;  // exactly one of the two is there
  std::unique_ptr<Tls> tls_;
  bool held_ = false;
  std::unique_ptr<Parked> parked_;
};

/// How Beast's WebSocket ends the connection below it.
inline void teardown(beast::role_type role, AnyStream& stream, beast::error_code& error) {
  if (stream.tls() != nullptr) {
    using boost::beast::websocket::teardown;
    teardown(role, *stream.tls(), error);
  } else {
    beast::websocket::teardown(role, stream.next_layer().socket(), error);
  }
}

template <typename Handler>
void async_teardown(beast::role_type role, AnyStream& stream, Handler&& handler) {
  if (stream.tls() != nullptr) {
    using boost::beast::websocket::async_teardown;
    async_teardown(role, *stream.tls(), std::forward<Handler>(handler));
  } else {
    beast::websocket::async_teardown(role, stream.next_layer().socket(),
                                     std::forward<Handler>(handler));
  }
}

}  // namespace sauda::http
