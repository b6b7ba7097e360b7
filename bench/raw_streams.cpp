#include "bench/raw_streams.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "libs/base/check.hpp"
#include "services/feed/src/rpc/stream_loop.hpp"

namespace sauda::bench {

/// One stream, on the service's thread. Deletes itself when gRPC is done with it.
class RawStreams::Stream final {
 public:
  explicit Stream(Service& service) : service_{service} {}
  void Await(grpc::AsyncGenericService& generic, grpc::ServerCompletionQueue& queue) {
    context_.AsyncNotifyWhenDone(&over_);
    generic.RequestCall(&context_, &wire_, &queue, &queue, &came_);
  }
  void Send() {
    ++waiting_;
    if (!writing_ && !is_over_) Write();
  }
  void Send(const grpc::Slice& frame) {
    if (frames_.size() < kMostWaiting) frames_.push_back(frame);  // one that stalls loses the rest
    if (!writing_ && !is_over_) Write();
  }

 private:
  static constexpr std::size_t kMostWaiting = 8'192;

  void OnCame(bool ok);
  void OnWritten(bool ok);
  void OnOver();
  void Write();
  void Leave();

  Service& service_;
  feed::StreamStep came_{[this](bool ok) { OnCame(ok); }};
  feed::StreamStep written_{[this](bool ok) { OnWritten(ok); }};
  feed::StreamStep over_{[this](bool) { OnOver(); }};
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter wire_{&context_};
  grpc::ByteBuffer copy_;
  std::uint64_t waiting_ = 0;
  std::vector<grpc::Slice> frames_;
  bool writing_ = false;
  bool is_over_ = false;
};

/// The server and its thread, which writes, polls and takes what is to be sent.
class RawStreams::Service final {
 public:
  explicit Service(const std::vector<std::string>& messages) {
    for (const std::string& message : messages) {
      const grpc::Slice slice{message};
      messages_.emplace_back(&slice, 1);
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterAsyncGenericService(&generic_);
    auto queue = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    Check(server_ != nullptr, "the raw server cannot start");
    loop_.Start(std::move(queue));
    Await();
    thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
  }
  ~Service() {
    server_->Shutdown(std::chrono::system_clock::now());  // cancels what is open
    thread_.request_stop();
    loop_.Wake();
    thread_.join();
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void Post(std::function<void(Stream&)> send) {
    {
      const std::lock_guard lock{mutex_};
      sends_.push_back(std::move(send));
    }
    loop_.Wake();
  }
  int port() const { return port_; }

  // On its thread:
  void OnCame(Stream* stream) {
    streams_.insert(stream);
    stream->Send();  // the reader waits for a first message
    Await();
  }
  void Forget(Stream* stream) { streams_.erase(stream); }
  void OnNobody() { awaiting_ = false; }
  const std::vector<grpc::ByteBuffer>& messages() const { return messages_; }

 private:
  void Await() {
    auto* const stream = new Stream{*this};  // NOLINT: deletes itself
    stream->Await(generic_, loop_.queue());
  }
  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested() || !streams_.empty() || awaiting_) {
      std::vector<std::function<void(Stream&)>> sends;
      {
        const std::lock_guard lock{mutex_};
        sends.swap(sends_);
      }
      for (const auto& send : sends) {
        for (Stream* const stream : streams_) send(*stream);
      }
      loop_.Wait(sends.empty() ? Monotonic::max() : Monotonic{});
    }
    loop_.queue().Shutdown();
    loop_.Wait(Monotonic::max());
  }

  grpc::AsyncGenericService generic_;
  std::vector<grpc::ByteBuffer> messages_;
  int port_ = 0;
  feed::StreamLoop loop_;
  std::set<Stream*> streams_;  // the thread's
  bool awaiting_ = true;       // the thread's
  std::mutex mutex_;
  std::vector<std::function<void(Stream&)>> sends_;  // guarded by mutex_
  std::unique_ptr<grpc::Server> server_;
  std::jthread thread_;
};

void RawStreams::Stream::OnCame(bool ok) {
  if (ok) return service_.OnCame(this);
  service_.OnNobody();
  delete this;
}

void RawStreams::Stream::OnWritten(bool ok) {
  writing_ = false;
  if (is_over_) return Leave();
  if (ok && (waiting_ > 0 || !frames_.empty())) Write();
}

void RawStreams::Stream::OnOver() {
  is_over_ = true;
  if (!writing_) Leave();
}

void RawStreams::Stream::Leave() {
  service_.Forget(this);
  delete this;
}

void RawStreams::Stream::Write() {
  writing_ = true;
  if (waiting_ == 0) {
    copy_ = grpc::ByteBuffer{frames_.data(), frames_.size()};  // shares the bytes
    frames_.clear();
  } else {
    const auto& messages = service_.messages();
    const std::size_t frames = std::min<std::size_t>(waiting_, messages.size());
    waiting_ -= frames;
    copy_ = messages[frames - 1];  // shares the bytes
  }
  wire_.Write(copy_, &written_);
}

RawStreams::RawStreams(const std::vector<std::string>& messages)
    : service_{std::make_unique<Service>(messages)} {}
RawStreams::RawStreams() : RawStreams{std::vector{std::string{}}} {}
RawStreams::~RawStreams() = default;

std::string RawStreams::address() const { return "127.0.0.1:" + std::to_string(service_->port()); }

void RawStreams::Send() {
  service_->Post([](Stream& stream) { stream.Send(); });
}
void RawStreams::Send(const std::string& frame) {
  service_->Post([slice = grpc::Slice{frame}](Stream& stream) { stream.Send(slice); });
}

}  // namespace sauda::bench
