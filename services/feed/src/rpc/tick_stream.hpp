#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_stream.h>

#include "libs/base/clock.hpp"
#include "libs/rpc/calls.hpp"
#include "services/feed/src/core/batch_buffers.hpp"
#include "services/feed/src/core/mailbox.hpp"
#include "services/feed/src/metrics.hpp"
#include "services/feed/src/rpc/stream_loop.hpp"

namespace sauda::feed {

/// One StreamTicks call, writing TickBatches that were encoded elsewhere. Threads: the publishing
/// one offers, writes and hears what gRPC has to say (see StreamLoop); the rest comes from the
/// workers, for one request at a time; mutex_ orders the two. It keeps itself alive while gRPC has
/// anything to say of it.
class TickStream final : public UpdateSink, public std::enable_shared_from_this<TickStream> {
 public:
  using Wire = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

  /// What one message carries at most, but for one update that is larger.
  static constexpr std::size_t kMaxBatchBytes = 262'144;

  struct Parts {
    UpdateSource& source;
    const Clock& clock;
    Metrics& metrics;
    rpc::Calls& calls;
    std::string instance;
    std::shared_ptr<BatchBuffers> buffers;  ///< gRPC may keep a message longer than the call lives
  };
  /// What the service does for it, on the publishing thread, so none may block.
  struct Hooks {
    /// A caller has come: from now on the others are called. Absent: none will, the server stops.
    std::function<void(const std::shared_ptr<TickStream>&)> on_open;
    /// A request has come; Answer or End is called when it is dealt with.
    std::function<void(const std::shared_ptr<TickStream>&, const grpc::ByteBuffer&)> on_request;
    std::function<void(const std::shared_ptr<TickStream>&)> on_end;
  };
  /// Asks gRPC for a caller, with `tag`.
  using Ask = std::function<void(grpc::ServerContext& context, Wire& wire, void* tag)>;

  TickStream(Parts parts, Hooks hooks);

  /// Call once: it waits for a caller.
  void Await(const Ask& ask);

  /// Fulfils the first request: ticks of what it named, and what that stands for, flow from now on.
  void Begin(Mailbox::Options options, bool follow_all, const std::vector<std::string>& names,
             const std::vector<InstrumentId>& ids);
  bool begun() const;
  /// The call is over; on_end comes later.
  bool over() const;

  /// The same of a later request; those that are new are followed.
  void Follow(const std::vector<std::string>& names, const std::vector<InstrumentId>& ids);
  /// `known` are the ids of those names that this stream never used.
  void Unfollow(const std::vector<std::string>& names, const std::vector<InstrumentId>& known);
  /// Different instruments followed by name.
  std::size_t following() const;

  /// Ends a request; the next one may come.
  void Answer();
  /// Ends the stream.
  void End(const Error& why);

  /// Of the caller; there is one.
  const std::string& request_id() const { return request_id_; }

  void Offer(const Update& update) override;
  void Flush() override;
  void OnConnection(ConnectionState state) override;
  void OnBeat() override;

 private:
  static constexpr std::chrono::seconds kGrace{1};  // for the reader to take the status

  /// What gRPC knows of the call. Both go when nothing of it is under way any more.
  struct Call {
    grpc::ServerContext context;
    Wire wire{&context};
  };

  void OnCaller(bool came);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnOver();

  // With mutex_ held:
  std::vector<InstrumentId> Note(const std::vector<std::string>& names,
                                 const std::vector<InstrumentId>& ids);
  void Read();
  void Write(Monotonic now);
  void Close(const Error& why);
  void GiveUpOnSilence(Monotonic now);
  void TellWaiting(std::size_t ticks);

  /// Without it: one operation less is under way; the last one ends it all.
  void Leave();

  const Parts parts_;
  const Hooks hooks_;
  StreamStep came_{[this](bool ok) { OnCaller(ok); }};
  StreamStep read_{[this](bool ok) { OnRead(ok); }};
  StreamStep written_{[this](bool ok) { OnWritten(ok); }};
  StreamStep finished_{[this](bool) { Leave(); }};
  StreamStep over_{[this](bool) { OnOver(); }};

  // The publishing thread; from the caller's coming on nobody changes them.
  std::string request_id_;
  std::chrono::steady_clock::time_point started_;
  std::shared_ptr<TickStream> self_;

  mutable std::mutex mutex_;  // guards everything below
  std::unique_ptr<Call> call_ = std::make_unique<Call>();
  int under_way_ = 0;               // operations that gRPC has not answered
  std::optional<Mailbox> mailbox_;  // from Begin on
  bool follow_all_ = false;
  std::unordered_map<std::string, InstrumentId> names_;
  std::unordered_set<InstrumentId> followed_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  bool writing_ = false;
  Monotonic oldest_;              // of the message that is written, as Mailbox::Batch has it
  std::size_t told_waiting_ = 0;  // this stream's share of stream_waiting
  bool done_ = false;
  std::optional<Monotonic> closed_at_;  // when Finish was called
};

}  // namespace sauda::feed
