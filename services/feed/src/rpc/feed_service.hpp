#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "libs/rpc/server.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/rpc/stream_filters.hpp"
#include "services/feed/src/rpc/tick_stream.hpp"

namespace sauda::feed {

/// FeedService of protos/sauda/feed/v1alpha1/feed.proto. StreamTicks is a raw method: its messages
/// are bytes that were encoded once for every caller, written by the publishing thread. The others
/// may block, and run on the threads of gRPC's synchronous API.
class FeedService final
    : public v1alpha1::FeedService::WithRawMethod_StreamTicks<v1alpha1::FeedService::Service>,
      public rpc::QueueUser {
 public:
  struct Parts {
    FeedDesk& desk;
    UpdateSource& source;
    LatestSource& latest;
    TaskRunner& workers;
    StreamLoop& loop;  ///< where the thread of `source` waits, which outlives the calls
    const Clock& clock;
    Metrics& metrics;
    rpc::Calls& calls;
    std::string instance;
    std::string account;
    std::chrono::milliseconds stall_limit{5'000};
  };

  explicit FeedService(Parts parts);
  ~FeedService() override;
  FeedService(const FeedService&) = delete;
  FeedService& operator=(const FeedService&) = delete;

  void Serve(std::unique_ptr<grpc::ServerCompletionQueue> queue) override;
  void Drain() override;

  grpc::Status Subscribe(grpc::ServerContext* context, const v1alpha1::SubscribeRequest* request,
                         v1alpha1::SubscribeResponse* response) override;
  grpc::Status Unsubscribe(grpc::ServerContext* context,
                           const v1alpha1::UnsubscribeRequest* request,
                           v1alpha1::UnsubscribeResponse* response) override;
  grpc::Status ListSubscriptions(grpc::ServerContext* context,
                                 const v1alpha1::ListSubscriptionsRequest* request,
                                 v1alpha1::ListSubscriptionsResponse* response) override;
  grpc::Status GetLatest(grpc::ServerContext* context, const v1alpha1::GetLatestRequest* request,
                         v1alpha1::GetLatestResponse* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1alpha1::GetStatusRequest* request,
                         v1alpha1::FeedStatus* response) override;
  grpc::Status Connect(grpc::ServerContext* context, const v1alpha1::ConnectRequest* request,
                       v1alpha1::FeedStatus* response) override;
  grpc::Status Disconnect(grpc::ServerContext* context, const v1alpha1::DisconnectRequest* request,
                          v1alpha1::FeedStatus* response) override;

  /// Ends every open stream with `why`, and every later one.
  void EndStreams(const Error& why);

  /// Open StreamTicks calls.
  std::size_t streams() const;

  /// Frees memory that calls had in use and have not needed since the last time.
  void Trim() { buffers_->Trim(); }

 private:
  /// Waits for the next caller of StreamTicks.
  void AwaitStream();
  void OnOpen(const std::shared_ptr<TickStream>& stream);
  void OnEnd(const std::shared_ptr<TickStream>& stream);
  void OnRequest(const std::shared_ptr<TickStream>& stream, const grpc::ByteBuffer& bytes);
  Result<void> Fulfil(const std::shared_ptr<TickStream>& stream,
                      const v1alpha1::StreamTicksRequest& request);
  /// Fulfils the first message.
  Result<void> Begin(const std::shared_ptr<TickStream>& stream,
                     const v1alpha1::StreamTicksRequest& request);
  /// Subscribes what a message adds; ids in its order.
  Result<std::vector<InstrumentId>> Add(const TickStream& stream,
                                        const v1alpha1::StreamTicksRequest& request);
  Result<void> CheckAccount(const std::string& account_id) const;
  v1alpha1::FeedStatus Status() const;

  const Parts parts_;
  const std::shared_ptr<BatchBuffers> buffers_ =
      std::make_shared<BatchBuffers>(TickStream::kMaxBatchBytes);
  StreamFilters filters_{parts_.desk};
  mutable std::mutex mutex_;
  std::condition_variable all_gone_;
  bool awaiting_ = false;  // guarded by mutex_: a stream waits for its caller
  std::set<std::shared_ptr<TickStream>> streams_;  // guarded by mutex_
  std::optional<Error> ending_;                    // guarded by mutex_
};

}  // namespace sauda::feed
