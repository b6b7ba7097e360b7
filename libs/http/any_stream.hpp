#pragma once

#include <memory>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/container/static_vector.hpp>

namespace sauda::http {

namespace beast = boost::beast;
namespace net = boost::asio;

/// A TCP connection with or without TLS as one type. Its reads and writes take any handler and any
/// buffers by one type each, so that what stands below them is compiled once (any_stream.cpp): the
/// templates of Beast and TLS multiplied take more than a minute a file otherwise. Reads can be
/// held back (Hold), for a peer that pretends to be half open. Like every Asio stream: one read and
/// one write at a time, on the connection's strand. Internal to libs/http.
class AnyStream {
 public:
  using Tcp = beast::tcp_stream;
  using Tls = beast::ssl_stream<Tcp>;
  using next_layer_type = Tcp;
  using executor_type = Tcp::executor_type;

  /// What is called once when an operation is over. It runs on the stream's own executor, the
  /// strand, which is every handler's here too.
  class Completion {
   public:
    template <typename Handler>
    explicit Completion(Handler handler)
        : held_{std::make_unique<Of<Handler>>(std::move(handler))} {}
    void operator()(beast::error_code error, std::size_t size) {
      const auto held = std::move(held_);
      held->Call(error, size);
    }

   private:
    struct Held {
      virtual ~Held() = default;
      virtual void Call(beast::error_code error, std::size_t size) = 0;
    };
    template <typename Handler>
    struct Of final : Held {
      explicit Of(Handler taken) : handler{std::move(taken)} {}
      void Call(beast::error_code error, std::size_t size) override { handler(error, size); }
      Handler handler;
    };
    std::unique_ptr<Held> held_;
  };

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
    Read(Gather<net::mutable_buffer>(buffers), Completion{std::forward<Handler>(handler)});
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    Write(Gather<net::const_buffer>(buffers), Completion{std::forward<Handler>(handler)});
  }

  /// While held, what a read brought stays here. Letting go delivers it.
  void Hold(bool held);

  /// Drops what is parked, so that the operation it belongs to ends with the connection.
  void Close();

 private:
  template <typename Buffer>
  using Some = boost::container::static_vector<Buffer, 16>;

  /// The first of `buffers` that have bytes. Asio leaves a written first buffer of two in place,
  /// empty; Beast's TLS stream in front of more than 16 KiB then writes nothing, and Asio takes
  /// that for the end.
  template <typename Buffer, typename Buffers>
  static Some<Buffer> Gather(const Buffers& buffers) {
    Some<Buffer> some;
    const auto end = net::buffer_sequence_end(buffers);
    for (auto each = net::buffer_sequence_begin(buffers); each != end; ++each) {
      if (some.size() == some.capacity()) break;
      if (const Buffer buffer{*each}; buffer.size() > 0) some.push_back(buffer);
    }
    return some;
  }

  void Read(const Some<net::mutable_buffer>& buffers, Completion done);
  void Write(const Some<net::const_buffer>& buffers, Completion done);

  struct Parked {
    Completion done;
    beast::error_code error;
    std::size_t size;
  };

  std::unique_ptr<Tcp> plain_;  // exactly one of the two is there
  std::unique_ptr<Tls> tls_;
  bool held_ = false;
  std::unique_ptr<Parked> parked_;
};

/// How Beast's WebSocket ends the connection below it.
void teardown(beast::role_type role, AnyStream& stream, beast::error_code& error);
void AsyncTeardown(beast::role_type role, AnyStream& stream, AnyStream::Completion done);

template <typename Handler>
void async_teardown(beast::role_type role, AnyStream& stream, Handler&& handler) {
  AsyncTeardown(
      role, stream,
      AnyStream::Completion{[handler = std::forward<Handler>(handler)](
                                beast::error_code error, std::size_t) mutable { handler(error); }});
}

}  // namespace sauda::http
