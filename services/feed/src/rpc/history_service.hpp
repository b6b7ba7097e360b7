#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "sauda/feed/v1alpha1/history.grpc.pb.h"
#include "services/feed/src/core/update.hpp"
#include "services/feed/src/rpc/history_stream.hpp"

namespace sauda::feed {

/// HistoryService of protos/sauda/feed/v1alpha1/history.proto. StreamHistory is a raw method, since
/// ticks are encoded as for StreamTicks, and reads on `workers`; the others may block, and run on
/// the threads of gRPC's synchronous API.
class HistoryService final : public v1alpha1::HistoryService::WithRawCallbackMethod_StreamHistory<
                                 v1alpha1::HistoryService::Service> {
 public:
  static constexpr std::size_t kMaxStreams = 32;

  struct Parts {
    HistoryStream::Parts stream;
    UpdateSource& beats;  ///< beats once a second
    std::string account;
  };

  explicit HistoryService(Parts parts);

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamHistory(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::Status ListGaps(grpc::ServerContext* context, const v1alpha1::ListGapsRequest* request,
                        v1alpha1::ListGapsResponse* response) override;

  /// Ends every open stream with `why`, and every later one.
  void EndStreams(const Error& why);

 private:
  class Streams;

  Result<TickRange> RangeOf(const grpc::ByteBuffer& bytes) const;
  Result<void> CheckAccount(const std::string& account_id) const;

  const Parts parts_;
  const std::shared_ptr<Streams> streams_;
};

}  // namespace sauda::feed
