#include "libs/http/stream_link.hpp"

#include <array>
#include <charconv>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace sauda::http {
namespace {

constexpr std::size_t kIgnoredStep = 1'024;
constexpr std::size_t kMostBuffersInFlight = 256;
const std::string kCrLf = "\r\n";
const std::string kLastChunk = "0\r\n\r\n";

std::string ChunkSize(std::size_t size) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string{digits.data(), end} + kCrLf;
}

}  // namespace

StreamLink::StreamLink(std::shared_ptr<ServerCore> core, AnyStream::executor_type strand,
                       StreamOptions options, bool chunked, std::string head)
    : core_{std::move(core)},
      strand_{std::move(strand)},
      options_{std::move(options)},
      chunked_{chunked},
      frame_{std::move(head)} {}

StreamLink::~StreamLink() { core_->Leave(this); }

void StreamLink::Start(AnyStream stream) {
  if (ended_) return stream.Close();  // aborted meanwhile
  core_->Join(shared_from_this());
  stream_.emplace(std::move(stream));
  beast::error_code ignored;
  if (options_.send_buffer_bytes > 0) {
    stream_->next_layer().socket().set_option(
        net::socket_base::send_buffer_size{options_.send_buffer_bytes}, ignored);
  }
  Watch();
  unwritten_ = {net::buffer(frame_)};
  WriteSome();
}

Offer StreamLink::Write(std::shared_ptr<const std::string> bytes) {
  {
    const std::lock_guard lock{mutex_};
    if (gone_ || closing_) return Offer::kGone;
    if (bytes->empty()) return Offer::kTaken;
    if (buffered_ >= options_.max_buffered_bytes) {
      was_full_ = true;
      return Offer::kFull;
    }
    buffered_ += bytes->size();
    queue_.push_back(std::move(bytes));
    if (writing_) return Offer::kTaken;
    writing_ = true;
  }
  Wake();
  return Offer::kTaken;
}

bool StreamLink::CanWrite() const {
  const std::lock_guard lock{mutex_};
  return !gone_ && !closing_ && buffered_ < options_.max_buffered_bytes;
}

std::size_t StreamLink::buffered_bytes() const {
  const std::lock_guard lock{mutex_};
  return buffered_;
}

void StreamLink::Close() {
  {
    const std::lock_guard lock{mutex_};
    if (gone_ || closing_) return;
    closing_ = true;
    if (writing_) return;
    writing_ = true;
  }
  Wake();
}

void StreamLink::Abort() {
  if (core_->stopped) return;
  net::post(strand_, [self = shared_from_this()] { self->End(); });
}

void StreamLink::Wake() {
  if (core_->stopped) return;
  net::post(strand_, [self = shared_from_this()] { self->WriteNext(); });
}

void StreamLink::WriteNext() {
  if (ended_) return;
  in_flight_.clear();
  in_flight_bytes_ = 0;
  {
    const std::lock_guard lock{mutex_};
    while (!queue_.empty() && in_flight_.size() < kMostBuffersInFlight) {
      in_flight_bytes_ += queue_.front()->size();
      in_flight_.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    last_ = closing_ && queue_.empty();
    writing_ = last_ || !in_flight_.empty();
    if (!writing_) return;
  }
  unwritten_.clear();
  if (!in_flight_.empty()) {
    if (chunked_) {
      frame_ = ChunkSize(in_flight_bytes_);
      unwritten_.emplace_back(net::buffer(frame_));
    }
    for (const auto& bytes : in_flight_) unwritten_.push_back(net::buffer(*bytes));
    if (chunked_) unwritten_.push_back(net::buffer(kCrLf));
  }
  if (last_ && chunked_) unwritten_.push_back(net::buffer(kLastChunk));
  if (unwritten_.empty()) return End();
  WriteSome();
}

void StreamLink::WriteSome() {
  stream_->next_layer().expires_after(options_.stall_limit);
  stream_->async_write_some(
      unwritten_, [self = shared_from_this()](beast::error_code error, std::size_t size) {
        if (self->ended_) return;
        if (error) return self->End();
        auto& left = self->unwritten_;
        std::size_t done = 0;
        while (done < left.size() && size >= left[done].size()) size -= left[done++].size();
        left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(done));
        if (!left.empty()) left.front() += size;
        if (!left.empty()) return self->WriteSome();
        self->OnWritten();
      });
}

void StreamLink::OnWritten() {
  if (last_) return End();
  bool drained = false;
  {
    const std::lock_guard lock{mutex_};
    buffered_ -= in_flight_bytes_;
    in_flight_bytes_ = 0;
    drained = was_full_ && buffered_ <= options_.max_buffered_bytes / 2;
    if (drained) was_full_ = false;
  }
  if (drained && options_.on_drained) options_.on_drained();
  WriteNext();
}

void StreamLink::Watch() {
  stream_->next_layer().expires_never();
  ignored_.resize(kIgnoredStep);
  stream_->async_read_some(net::buffer(ignored_),
                           [self = shared_from_this()](beast::error_code error, std::size_t) {
                             if (self->ended_) return;
                             if (error) return self->End();
                             self->Watch();
                           });
}

void StreamLink::End() {
  if (ended_) return;
  ended_ = true;
  {
    const std::lock_guard lock{mutex_};
    gone_ = true;
    buffered_ = 0;
    queue_.clear();
  }
  if (stream_) {
    beast::error_code ignored;
    stream_->next_layer().socket().shutdown(net::ip::tcp::socket::shutdown_both, ignored);
    stream_->Close();
  }
  core_->Leave(this);
  const auto on_gone = std::move(options_.on_gone);
  options_.on_gone = nullptr;
  options_.on_drained = nullptr;
  if (on_gone) on_gone();
}

}  // namespace sauda::http
