#include "services/orders/src/rpc/profit_hub.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace sauda::orders {

/// One WatchProfit call. Offer comes from the portfolio's thread, On* from gRPC's; mutex_ orders
/// them.
class ProfitStream final : public grpc::ServerWriteReactor<v1alpha1::ProfitUpdate>,
                           public std::enable_shared_from_this<ProfitStream> {
 public:
  ProfitStream(ProfitHub& hub, std::string request_id)
      : hub_{hub}, request_id_{std::move(request_id)}, started_{std::chrono::steady_clock::now()} {}

  void KeepAlive() { self_ = shared_from_this(); }

  void Offer(const v1alpha1::Profit& profit, const std::string& bytes) {
    const std::lock_guard lock{mutex_};
    if (finished_ || bytes == last_) return;
    last_ = bytes;
    waiting_ = profit;
    if (!writing_) WriteNext();
  }

  void Close(const Error& why) {
    const std::lock_guard lock{mutex_};
    if (finished_) return;
    finished_ = true;
    waiting_.reset();
    Finish(hub_.calls_.End("WatchProfit", request_id_, started_, why));
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock{mutex_};
    writing_ = false;
    if (ok && !finished_ && waiting_) WriteNext();
  }

  void OnCancel() override { Close({Code::kCancelled, "CANCELLED", "the caller went away"}); }

  void OnDone() override {
    hub_.Remove(this);
    self_.reset();  // may delete this: nothing may follow
  }

 private:
  void WriteNext() {
    *response_.mutable_profit() = *std::exchange(waiting_, std::nullopt);
    writing_ = true;
    StartWrite(&response_);
  }

  ProfitHub& hub_;
  const std::string request_id_;
  const std::chrono::steady_clock::time_point started_;
  std::shared_ptr<ProfitStream> self_;
  std::mutex mutex_;  // guards what follows
  std::string last_;  // told or waiting, as bytes
  std::optional<v1alpha1::Profit> waiting_;
  v1alpha1::ProfitUpdate response_;  // in flight while writing_
  bool writing_ = false;
  bool finished_ = false;
};

bool ProfitHub::watched() {
  const std::lock_guard lock{mutex_};
  return !streams_.empty();
}

void ProfitHub::Offer(const v1alpha1::Profit& profit) {
  std::vector<std::shared_ptr<ProfitStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    streams.assign(streams_.begin(), streams_.end());
  }
  const std::string bytes = profit.SerializeAsString();
  for (const auto& stream : streams) stream->Offer(profit, bytes);
}

grpc::ServerWriteReactor<v1alpha1::ProfitUpdate>* ProfitHub::Open(const std::string& request_id,
                                                                  std::optional<Error> refused) {
  const auto stream = std::make_shared<ProfitStream>(*this, request_id);
  stream->KeepAlive();
  stream->StartSendInitialMetadata();  // before any write; the caller knows that it is followed
  {
    const std::lock_guard lock{mutex_};
    if (ended_) refused = ended_;
    if (!refused && streams_.size() >= kMostStreams) {
      refused = Error{Code::kResourceExhausted, "TOO_MANY_WATCHERS",
                      std::to_string(kMostStreams) + " calls watch the profit already"};
    }
    if (!refused) streams_.insert(stream);
  }
  if (refused) stream->Close(*refused);
  return stream.get();
}

void ProfitHub::Remove(ProfitStream* stream) {
  const std::lock_guard lock{mutex_};
  std::erase_if(streams_, [&](const auto& one) { return one.get() == stream; });
}

void ProfitHub::EndAll(const Error& why) {
  std::vector<std::shared_ptr<ProfitStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    ended_ = why;
    streams.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : streams) stream->Close(why);
}

}  // namespace sauda::orders
