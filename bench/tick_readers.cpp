#include "bench/tick_readers.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "sauda/feed/v1alpha1/feed.pb.h"

namespace sauda::bench {
namespace {

using feed::v1alpha1::StreamTicksRequest;
using feed::v1alpha1::TickBatch;

constexpr const char* kMethod = "/sauda.feed.v1alpha1.FeedService/StreamTicks";

std::shared_ptr<grpc::Channel> OwnConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'536);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

/// Field 3 (count) of a batch's header, which comes before the ticks; 0 when it is not there.
std::uint64_t CountOf(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;  // as they came from the network; the header is in the first
  if (!bytes.Dump(&slices).ok() || slices.empty()) return 0;
  const std::uint8_t* at = slices.front().begin();
  const std::uint8_t* const end = slices.front().end();
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < end; shift += 7) {
      const std::uint8_t byte = *at++;
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) break;
    }
    return value;
  };
  while (at < end) {
    const std::uint64_t tag = varint();
    if (tag >> 3U > 3) return 0;
    if ((tag & 7U) == 2) {
      at += varint();
      continue;
    }
    const std::uint64_t value = varint();
    if (tag >> 3U == 3) return value;
  }
  return 0;
}

}  // namespace

/// One call. Its On* methods come from gRPC, one at a time.
class TickReaders::Reader final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reader(const std::string& address, const StreamTicksRequest& request, bool stalled,
         int parse_every)
      : stub_{OwnConnection(address)}, stalled_{stalled}, parse_every_{parse_every} {
    const grpc::Slice slice{request.SerializeAsString()};
    request_ = grpc::ByteBuffer{&slice, 1};
    context_.set_wait_for_ready(true);
    stub_.PrepareBidiStreamingCall(&context_, kMethod, grpc::StubOptions{}, this);
    StartWrite(&request_);
    if (!stalled_) StartRead(&message_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    const std::int64_t now = NowUs();
    {
      const std::lock_guard lock{mutex_};
      started_ = true;
      if (samples_) Take(now);
    }
    changed_.notify_all();
    StartRead(&message_);
  }
  void OnDone(const grpc::Status&) override {
    {
      const std::lock_guard lock{mutex_};
      done_ = true;
    }
    changed_.notify_all();
  }

  void AwaitStart() {
    if (stalled_) return;
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return started_ || done_; });
  }
  void Measure(std::int64_t from_us) {
    const std::lock_guard lock{mutex_};
    samples_.emplace(from_us);
  }
  void End() {
    context_.TryCancel();
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return done_; });
  }
  bool stalled() const { return stalled_; }
  const Samples* samples() const { return samples_ ? &*samples_ : nullptr; }

 private:
  void Take(std::int64_t now) {
    if (++batches_ % static_cast<std::uint64_t>(parse_every_) != 0) {
      samples_->Ticks(now, CountOf(message_));
      return;
    }
    TickBatch batch;
    grpc::ByteBuffer copy{message_};
    if (!grpc::SerializationTraits<TickBatch>::Deserialize(&copy, &batch).ok()) return;
    samples_->Ticks(now, static_cast<std::uint64_t>(batch.ticks_size()));
    for (const auto& tick : batch.ticks()) samples_->Latency(tick.last().time_ms(), now);
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  const bool stalled_;
  const int parse_every_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool started_ = false;            // guarded by mutex_
  bool done_ = false;               // guarded by mutex_
  std::optional<Samples> samples_;  // guarded by mutex_ until done
  std::uint64_t batches_ = 0;       // guarded by mutex_
};

TickReaders::TickReaders(const std::string& feed_address, const std::vector<std::string>& keys,
                         const Load& load, int parse_every)
    : load_{load} {
  StreamTicksRequest request;
  for (const auto& key : keys) request.add_add(key);
  request.set_policy(feed::v1alpha1::OVERFLOW_POLICY_DROP_OLDEST);
  request.set_buffer_ticks(65'536);
  for (int i = 0; i < load.subscribers; ++i) {
    readers_.push_back(std::make_unique<Reader>(feed_address, request, false, parse_every));
  }
  if (load.one_stalled) {
    readers_.push_back(std::make_unique<Reader>(feed_address, request, true, parse_every));
  }
  for (const auto& reader : readers_) reader->AwaitStart();
}

TickReaders::~TickReaders() = default;

void TickReaders::Measure(std::int64_t measure_from_us) {
  for (const auto& reader : readers_) reader->Measure(measure_from_us);
}

Delivery TickReaders::Finish(double sent_ticks) {
  std::vector<const Samples*> all;
  for (const auto& reader : readers_) {
    reader->End();
    if (!reader->stalled()) all.push_back(reader->samples());
  }
  return Summarise(load_, all, sent_ticks);
}

}  // namespace sauda::bench
