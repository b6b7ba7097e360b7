#include "libs/http/any_stream.hpp"

#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace sauda::http {

void AnyStream::Read(const Some<net::mutable_buffer>& buffers, Completion done) {
  auto deliver = [this, done = std::move(done)](beast::error_code error, std::size_t size) mutable {
    if (!held_) return done(error, size);
    parked_ = std::make_unique<Parked>(Parked{std::move(done), error, size});
  };
  if (tls_) {
    tls_->async_read_some(buffers, std::move(deliver));
  } else {
    plain_->async_read_some(buffers, std::move(deliver));
  }
}

void AnyStream::Write(const Some<net::const_buffer>& buffers, Completion done) {
  if (tls_) {
    tls_->async_write_some(buffers, std::move(done));
  } else {
    plain_->async_write_some(buffers, std::move(done));
  }
}

void AnyStream::Hold(bool held) {
  held_ = held;
  if (held_ || !parked_) return;
  const std::unique_ptr<Parked> parked = std::move(parked_);
  parked->done(parked->error, parked->size);
}

void AnyStream::Close() {
  beast::error_code ignored;
  next_layer().socket().close(ignored);
  Hold(false);
}

void teardown(beast::role_type role, AnyStream& stream, beast::error_code& error) {
  if (stream.tls() != nullptr) {
    using boost::beast::websocket::teardown;
    teardown(role, *stream.tls(), error);
  } else {
    beast::websocket::teardown(role, stream.next_layer().socket(), error);
  }
}

void AsyncTeardown(beast::role_type role, AnyStream& stream, AnyStream::Completion done) {
  auto handler = [done = std::move(done)](beast::error_code error) mutable { done(error, 0); };
  if (stream.tls() != nullptr) {
    using boost::beast::websocket::async_teardown;
    async_teardown(role, *stream.tls(), std::move(handler));
  } else {
    beast::websocket::async_teardown(role, stream.next_layer().socket(), std::move(handler));
  }
}

}  // namespace sauda::http
