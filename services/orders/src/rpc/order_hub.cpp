#include "services/orders/src/rpc/order_hub.hpp"

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "services/orders/src/rpc/convert.hpp"

namespace sauda::orders {

/// One WatchOrders call. Offer comes from whoever changed an order, On* from gRPC's threads; mutex_
/// orders them. The newest version of an order is never followed by an older one.
class OrderStream final : public grpc::ServerWriteReactor<v1alpha1::Order>,
                          public std::enable_shared_from_this<OrderStream> {
 public:
  OrderStream(OrderHub& hub, std::string request_id, std::string account_id)
      : hub_{hub},
        request_id_{std::move(request_id)},
        account_id_{std::move(account_id)},
        started_{std::chrono::steady_clock::now()} {}

  void KeepAlive() { self_ = shared_from_this(); }

  void Offer(const Order& order) {
    if (order.request.account_id != account_id_) return;
    const std::lock_guard lock{mutex_};
    if (finished_) return;
    if (waiting_.size() >= OrderHub::kMaxWaiting) {
      hub_.metrics_.slow_watchers.Increment();
      return End({Code::kResourceExhausted, "SLOW_CONSUMER",
                  "more than " + std::to_string(OrderHub::kMaxWaiting) + " changes waited"});
    }
    waiting_.emplace_back();
    ToWire(order, waiting_.back());
    if (!writing_) WriteNext();
  }

  void Close(const Error& why) {
    const std::lock_guard lock{mutex_};
    if (!finished_) End(why);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock{mutex_};
    writing_ = false;
    if (ok && !finished_ && !waiting_.empty()) WriteNext();
  }

  void OnCancel() override { Close({Code::kCancelled, "CANCELLED", "the caller went away"}); }

  void OnDone() override {
    hub_.Remove(this);
    self_.reset();  // may delete this: nothing may follow
  }

 private:
  void WriteNext() {
    response_ = std::move(waiting_.front());
    waiting_.pop_front();
    writing_ = true;
    StartWrite(&response_);
  }

  void End(const Error& why) {
    finished_ = true;
    waiting_.clear();
    Finish(hub_.calls_.End("WatchOrders", request_id_, started_, why));
  }

  OrderHub& hub_;
  const std::string request_id_;
  const std::string account_id_;
  const std::chrono::steady_clock::time_point started_;
  std::shared_ptr<OrderStream> self_;
  std::mutex mutex_;  // guards what follows
  std::deque<v1alpha1::Order> waiting_;
  v1alpha1::Order response_;  // in flight while writing_
  bool writing_ = false;
  bool finished_ = false;
};

void OrderHub::OnOrder(const Order& order) {
  std::vector<std::shared_ptr<OrderStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    streams.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : streams) stream->Offer(order);
}

grpc::ServerWriteReactor<v1alpha1::Order>* OrderHub::Open(const std::string& request_id,
                                                          const std::string& account_id) {
  const auto stream = std::make_shared<OrderStream>(*this, request_id, account_id);
  stream->KeepAlive();
  stream->StartSendInitialMetadata();  // before any write; the caller knows that it is followed
  std::optional<Error> ended;
  {
    const std::lock_guard lock{mutex_};
    ended = ended_;
    streams_.insert(stream);
    metrics_.watchers.Set(static_cast<double>(streams_.size()));
  }
  if (ended) stream->Close(*ended);
  return stream.get();
}

void OrderHub::Remove(OrderStream* stream) {
  const std::lock_guard lock{mutex_};
  std::erase_if(streams_, [&](const auto& one) { return one.get() == stream; });
  metrics_.watchers.Set(static_cast<double>(streams_.size()));
}

void OrderHub::EndAll(const Error& why) {
  std::vector<std::shared_ptr<OrderStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    ended_ = why;
    streams.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : streams) stream->Close(why);
}

}  // namespace sauda::orders
