#include "tests/system/tick_reader.hpp"

#include "libs/rpc/channel.hpp"

namespace sauda::test {

using feed::v1alpha1::FeedService;
using feed::v1alpha1::StreamTicksRequest;
using feed::v1alpha1::Tick;
using feed::v1alpha1::TickBatch;

TickReader::TickReader(const std::string& feed_address, const StreamTicksRequest& request)
    : stub_{FeedService::NewStub(*rpc::Connect(feed_address, {}))} {
  context_.set_wait_for_ready(true);
  stream_ = stub_->StreamTicks(&context_);
  (void)stream_->Write(request);
  thread_ = std::thread{[this] { Run(); }};
}

TickReader::~TickReader() {
  context_.TryCancel();
  thread_.join();
}

bool TickReader::WaitFor(std::size_t ticks, std::chrono::milliseconds limit) {
  std::unique_lock lock{mutex_};
  return came_.wait_for(lock, limit, [&] { return count_ >= ticks; });
}

Recording TickReader::received() const {
  const std::lock_guard lock{mutex_};
  return received_;
}

std::size_t TickReader::count() const {
  const std::lock_guard lock{mutex_};
  return count_;
}

std::vector<std::string> TickReader::problems() const {
  const std::lock_guard lock{mutex_};
  return problems_;
}

void TickReader::Run() {
  for (TickBatch batch; stream_->Read(&batch);) Take(batch);
  (void)stream_->Finish();
  ended_ = true;
}

void TickReader::Take(const TickBatch& batch) {
  const std::lock_guard lock{mutex_};
  dropped_ += batch.dropped();
  conflated_ += batch.conflated();
  if (batch.count() != static_cast<std::uint32_t>(batch.ticks_size())) {
    problems_.push_back("the header counts " + std::to_string(batch.count()) +
                        " ticks, there are " + std::to_string(batch.ticks_size()));
  }
  for (const Tick& tick : batch.ticks()) {
    if (!tick.simulated()) problems_.emplace_back("a tick is not marked as simulated");
    if (tick.snapshot()) continue;
    if (tick.seq() <= last_seq_) problems_.emplace_back("seq does not rise");
    last_seq_ = tick.seq();
    received_[tick.instrument_key()].push_back(FromTick(tick));
    ++count_;
  }
  came_.notify_all();
}

}  // namespace sauda::test
