#include "bench/raw_streams.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <set>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "libs/base/check.hpp"

namespace sauda::bench {

/// One stream. The sender's thread and gRPC's share it under its mutex; gone after OnDone.
class RawStreams::Stream final : public grpc::ServerGenericBidiReactor {
 public:
  Stream(Service& service, const std::vector<grpc::ByteBuffer>& messages);

  void Send() {
    const std::lock_guard lock{mutex_};
    ++waiting_;
    if (!writing_ && !closed_) Write();
  }
  void Send(const grpc::Slice& frame) {
    const std::lock_guard lock{mutex_};
    if (frames_.size() < kMostWaiting) frames_.push_back(frame);  // one that stalls loses the rest
    if (!writing_ && !closed_) Write();
  }
  void Close() {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    closed_ = true;
    Finish(grpc::Status::OK);
  }
  void OnReadDone(bool ok) override {
    if (ok) StartRead(&request_);
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock{mutex_};
    writing_ = false;
    if (ok && !closed_ && (waiting_ > 0 || !frames_.empty())) Write();
  }
  void OnCancel() override { Close(); }
  void OnDone() override;

 private:
  static constexpr std::size_t kMostWaiting = 8'192;

  void Write() {
    writing_ = true;
    if (waiting_ == 0) {
      copy_ = grpc::ByteBuffer{frames_.data(), frames_.size()};  // shares the bytes
      frames_.clear();
      StartWrite(&copy_);
      return;
    }
    const std::size_t frames = std::min<std::size_t>(waiting_, messages_.size());
    waiting_ -= frames;
    copy_ = messages_[frames - 1];  // shares the bytes
    StartWrite(&copy_);
  }

  Service& service_;
  const std::vector<grpc::ByteBuffer>& messages_;
  grpc::ByteBuffer request_;
  std::mutex mutex_;  // guards the rest
  grpc::ByteBuffer copy_;
  std::uint64_t waiting_ = 0;
  std::vector<grpc::Slice> frames_;
  bool writing_ = false;
  bool closed_ = false;
};

class RawStreams::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(const std::vector<std::string>& messages) {
    for (const std::string& message : messages) {
      const grpc::Slice slice{message};
      messages_.emplace_back(&slice, 1);
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
    Check(server_ != nullptr, "the raw server cannot start");
  }
  ~Service() override {
    {
      const std::lock_guard lock{mutex_};
      for (Stream* const stream : streams_) stream->Close();
    }
    server_->Shutdown();
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    auto* const stream = new Stream{*this, messages_};  // NOLINT: deletes itself in OnDone
    const std::lock_guard lock{mutex_};
    streams_.insert(stream);
    return stream;
  }
  void Send() {
    const std::lock_guard lock{mutex_};
    for (Stream* const stream : streams_) stream->Send();
  }
  void Send(const std::string& frame) {
    const grpc::Slice slice{frame};
    const std::lock_guard lock{mutex_};
    for (Stream* const stream : streams_) stream->Send(slice);
  }
  void Forget(Stream* stream) {
    const std::lock_guard lock{mutex_};
    streams_.erase(stream);
  }
  int port() const { return port_; }

 private:
  std::vector<grpc::ByteBuffer> messages_;
  int port_ = 0;
  std::mutex mutex_;
  std::set<Stream*> streams_;  // guarded by mutex_
  std::unique_ptr<grpc::Server> server_;
};

RawStreams::Stream::Stream(Service& service, const std::vector<grpc::ByteBuffer>& messages)
    : service_{service}, messages_{messages} {
  StartRead(&request_);
  Send();  // the reader waits for a first message
}

void RawStreams::Stream::OnDone() {
  service_.Forget(this);
  delete this;
}

RawStreams::RawStreams(const std::vector<std::string>& messages)
    : service_{std::make_unique<Service>(messages)} {}
RawStreams::RawStreams() : RawStreams{std::vector{std::string{}}} {}
RawStreams::~RawStreams() = default;

std::string RawStreams::address() const { return "127.0.0.1:" + std::to_string(service_->port()); }

void RawStreams::Send() { service_->Send(); }
void RawStreams::Send(const std::string& frame) { service_->Send(frame); }

}  // namespace sauda::bench
