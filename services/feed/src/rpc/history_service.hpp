#pragma once

#include <memory>
#include <string>

#include "sauda/feed/v1alpha1/history.grpc.pb.h"
#include "services/feed/src/core/candle_desk.hpp"
#include "services/feed/src/rpc/candle_stream.hpp"
#include "services/feed/src/rpc/history_stream.hpp"

namespace sauda::feed {

/// HistoryService of protos/sauda/feed/v1alpha1/history.proto. The streams are raw methods that are
/// made on workers; the others may block, and run on the threads of gRPC's synchronous API.
class HistoryService final : public v1alpha1::HistoryService::WithRawCallbackMethod_StreamHistory<
                                 v1alpha1::HistoryService::WithRawCallbackMethod_StreamCandles<
                                     v1alpha1::HistoryService::Service>> {
 public:
  static constexpr std::size_t kMostHistoryStreams = 32;
  static constexpr std::size_t kMostCandleStreams = 64;

  struct Parts {
    PulledStream::Parts stream;
    TaskRunner& candle_workers;  ///< instead of `stream`'s: candles wait for no page of history
    History& history;
    const CandleDesk& candles;
    InstrumentDirectory& directory;
    UpdateSource& beats;  ///< beats once a second
    std::string account;
  };

  explicit HistoryService(Parts parts);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamHistory(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamCandles(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::Status ListGaps(grpc::ServerContext* context, const v1alpha1::ListGapsRequest* request,
                        v1alpha1::ListGapsResponse* response) override;
  grpc::Status GetCandles(grpc::ServerContext* context, const v1alpha1::GetCandlesRequest* request,
                          v1alpha1::GetCandlesResponse* response) override;

  /// Candles may have changed. Returns at once; called often.
  void TurnCandles() { candle_streams_->TurnAll(); }

  /// Ends every open stream with `why`, and every later one.
  void EndStreams(const Error& why);

 private:
  Result<TickRange> RangeOf(const grpc::ByteBuffer& bytes) const;
  Result<CandleStream::Wanted> WantedOf(const grpc::ByteBuffer& bytes) const;
  Result<CandleRange> RangeOf(const v1alpha1::GetCandlesRequest& request,
                              const std::string& request_id) const;
  PulledStream::Parts CandleParts() const;
  Result<void> CheckAccount(const std::string& account_id) const;

  const Parts parts_;
  const std::shared_ptr<OpenStreams> history_streams_;
  const std::shared_ptr<OpenStreams> candle_streams_;
};

}  // namespace sauda::feed
