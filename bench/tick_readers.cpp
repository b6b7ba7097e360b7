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

constexpr std::uint32_t kMostBuffer = 65'536;
constexpr std::uint32_t kStalledBuffer = 1'024;
constexpr const char* kMethod = "/sauda.feed.v1alpha1.FeedService/StreamTicks";

std::shared_ptr<grpc::Channel> OwnConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1'048'576);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

/// The instruments of the load's subscriber number `i`. Frames take them in turn.
std::vector<std::string> WatchList(const std::vector<std::string>& keys, const Load& load,
                                   std::size_t i) {
  const auto per_frame = static_cast<std::size_t>(load.ticks_per_frame);
  std::vector<std::string> list;
  for (std::size_t at = 0; at < keys.size(); ++at) {
    if (at / per_frame % load.watch_lists == i % load.watch_lists) list.push_back(keys[at]);
  }
  return list;
}

StreamTicksRequest Following(const std::vector<std::string>& keys, std::uint32_t buffer_ticks) {
  StreamTicksRequest request;
  for (const auto& key : keys) request.add_add(key);
  request.set_policy(feed::v1alpha1::OVERFLOW_POLICY_DROP_OLDEST);
  request.set_buffer_ticks(buffer_ticks);
  return request;
}

/// What a batch says of itself before its ticks.
struct Header {
  std::uint64_t count = 0;
  std::uint64_t dropped = 0;
};

Header HeaderOf(const grpc::ByteBuffer& bytes) {
  Header header;
  std::vector<grpc::Slice> slices;  // as they came from the network; the header is in the first
  if (!bytes.Dump(&slices).ok() || slices.empty()) return header;
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
    const auto field = static_cast<int>(tag >> 3U);
    if (field > TickBatch::kDroppedFieldNumber) break;
    const std::uint64_t value = varint();
    if (field == TickBatch::kInstanceFieldNumber) at += value;
    if (field == TickBatch::kCountFieldNumber) header.count = value;
    if (field == TickBatch::kDroppedFieldNumber) header.dropped = value;
  }
  return header;
}

}  // namespace

/// One call. Its On* methods come from the readers' thread, one at a time.
class TickReaders::Reader final {
 public:
  struct Options {
    bool stalled = false;
    std::uint64_t parse_every = 1;
    std::uint64_t parse_first = 0;  ///< below parse_every
  };

  Reader(grpc::CompletionQueue& queue, const std::string& address,
         const StreamTicksRequest& request, Options options, std::atomic<std::uint64_t>& taken)
      : stub_{OwnConnection(address)}, options_{options}, taken_{taken} {
    const grpc::Slice slice{request.SerializeAsString()};
    request_ = grpc::ByteBuffer{&slice, 1};
    context_.set_wait_for_ready(true);
    call_ = stub_.PrepareCall(&context_, kMethod, &queue);
    call_->StartCall(&started_call_);
  }

  /// What gRPC hands back when a step is done.
  struct Step {
    Reader* reader;
    void (Reader::*done)(bool ok);
  };

  void AwaitStart() {
    if (options_.stalled) return;
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return started_ || done_; });
  }
  void Measure(std::int64_t from_us) {
    const std::lock_guard lock{mutex_};
    samples_.emplace(from_us);
  }
  /// Reads on until it is told that it missed `ticks`, has ended, or is not told for long.
  void Wake(std::uint64_t ticks) {
    call_->Read(&message_, &read_);
    std::unique_lock lock{mutex_};
    (void)changed_.wait_for(lock, kTold, [&] { return dropped_ >= ticks || done_; });
  }
  void End() {
    context_.TryCancel();
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return done_; });
  }
  bool stalled() const { return options_.stalled; }
  /// Ticks that it was told it missed. Call when it has ended.
  std::uint64_t dropped() const { return dropped_; }
  const Samples* samples() const { return samples_ ? &*samples_ : nullptr; }

 private:
  static constexpr std::chrono::seconds kTold{5};

  void OnStarted(bool ok) {
    if (!ok) return call_->Finish(&status_, &finished_);
    call_->Write(request_, &written_);
  }
  void OnWritten(bool ok) {
    if (!ok) return call_->Finish(&status_, &finished_);
    if (!options_.stalled) call_->Read(&message_, &read_);
  }
  void OnRead(bool ok) {
    if (!ok) return call_->Finish(&status_, &finished_);
    const std::int64_t now = NowUs();
    {
      const std::lock_guard lock{mutex_};
      started_ = true;
      Take(now);
    }
    changed_.notify_all();
    call_->Read(&message_, &read_);
  }
  void OnFinished(bool) {
    {
      const std::lock_guard lock{mutex_};
      done_ = true;
    }
    changed_.notify_all();
  }

  void Take(std::int64_t now) {
    const Header header = HeaderOf(message_);
    dropped_ += header.dropped;
    taken_.fetch_add(header.count + header.dropped, std::memory_order_relaxed);
    if (!samples_) return;
    samples_->Ticks(now, header.count);
    if (batches_++ % options_.parse_every != options_.parse_first) return;
    TickBatch batch;
    grpc::ByteBuffer copy{message_};
    if (!grpc::SerializationTraits<TickBatch>::Deserialize(&copy, &batch).ok()) return;
    for (const auto& tick : batch.ticks()) samples_->Latency(tick.last().time_ms(), now);
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  const Options options_;
  std::atomic<std::uint64_t>& taken_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  grpc::Status status_;
  Step started_call_{this, &Reader::OnStarted};
  Step written_{this, &Reader::OnWritten};
  Step read_{this, &Reader::OnRead};
  Step finished_{this, &Reader::OnFinished};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool started_ = false;            // guarded by mutex_
  bool done_ = false;               // guarded by mutex_
  std::optional<Samples> samples_;  // guarded by mutex_ until done
  std::uint64_t batches_ = 0;       // guarded by mutex_
  std::uint64_t dropped_ = 0;       // guarded by mutex_ until done
};

/// The queue of all readers and its thread.
class TickReaders::Poller {
 public:
  Poller() = default;
  ~Poller() {
    queue_.Shutdown();
    thread_.join();
  }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  grpc::CompletionQueue& queue() { return queue_; }

 private:
  void Run() {
    void* tag = nullptr;
    for (bool ok = false; queue_.Next(&tag, &ok);) {
      const auto& step = *static_cast<const Reader::Step*>(tag);
      (step.reader->*step.done)(ok);
    }
  }

  grpc::CompletionQueue queue_;
  std::thread thread_{[this] { Run(); }};
};

TickReaders::TickReaders(const std::string& feed_address, const std::vector<std::string>& keys,
                         const Load& load, int parse_every, std::atomic<std::uint64_t>& taken)
    : load_{load}, poller_{std::make_unique<Poller>()} {
  const auto every = static_cast<std::uint64_t>(parse_every);
  if (load.one_stalled) {
    readers_.push_back(std::make_unique<Reader>(poller_->queue(), feed_address,
                                                Following(keys, kStalledBuffer),
                                                Reader::Options{.stalled = true}, taken));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(load.subscribers); ++i) {
    readers_.push_back(std::make_unique<Reader>(
        poller_->queue(), feed_address, Following(WatchList(keys, load, i), kMostBuffer),
        Reader::Options{.parse_every = every, .parse_first = i % every}, taken));
  }
  for (const auto& reader : readers_) reader->AwaitStart();
}

TickReaders::~TickReaders() = default;

void TickReaders::Measure(std::int64_t measure_from_us) {
  for (const auto& reader : readers_) reader->Measure(measure_from_us);
}

Delivery TickReaders::Finish(double sent_ticks) {
  std::vector<const Samples*> all;
  double dropped = 0;
  double stalled_dropped = 0;
  for (const auto& reader : readers_) {
    if (reader->stalled()) reader->Wake(static_cast<std::uint64_t>(sent_ticks / 2));
    reader->End();
    (reader->stalled() ? stalled_dropped : dropped) += static_cast<double>(reader->dropped());
    if (!reader->stalled()) all.push_back(reader->samples());
  }
  Delivery delivery = Summarise(load_, all, sent_ticks);
  delivery.dropped = dropped;
  delivery.stalled_dropped = stalled_dropped;
  return delivery;
}

}  // namespace sauda::bench
