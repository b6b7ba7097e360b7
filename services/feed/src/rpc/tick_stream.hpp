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

#include "libs/base/clock.hpp"
#include "libs/rpc/calls.hpp"
#include "services/feed/src/core/mailbox.hpp"
#include "services/feed/src/metrics.hpp"

namespace sauda::feed {

/// One StreamTicks call, writing TickBatches that were encoded elsewhere. Threads: Offer, OnBeat
/// and OnConnection come from the publishing thread, the On…Done calls from gRPC's, the rest from
/// the workers, for one request at a time; mutex_ orders them. It keeps itself alive until OnDone,
/// the last call that gRPC makes.
class TickStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                         public UpdateSink,
                         public std::enable_shared_from_this<TickStream> {
 public:
  struct Parts {
    UpdateSource& source;
    const Clock& clock;
    Metrics& metrics;
    rpc::Calls& calls;
    std::string instance;
  };
  /// What the service does for it. Both may be called on any of gRPC's threads and must not block.
  struct Hooks {
    /// A request has come; Answer or End is called when it is dealt with.
    std::function<void(const std::shared_ptr<TickStream>&, const grpc::ByteBuffer&)> on_request;
    std::function<void(const std::shared_ptr<TickStream>&)> on_end;
  };

  TickStream(grpc::CallbackServerContext& context, Parts parts);

  /// Call once, before handing the stream to gRPC.
  void Open(Hooks hooks);

  /// Fulfils the first request: ticks of what it named, and what that stands for, flow from now on.
  void Begin(Mailbox::Options options, bool follow_all, const std::vector<std::string>& names,
             const std::vector<InstrumentId>& ids);
  bool begun() const;

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

  const std::string& request_id() const { return request_id_; }

  void Offer(const Update& update) override;
  void Flush() override;
  void OnConnection(ConnectionState state) override;
  void OnBeat() override;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  static constexpr std::chrono::seconds kGrace{1};  // for the reader to take the status
  static constexpr std::size_t kMaxBatchBytes = 65'536;

  // With mutex_ held:
  std::vector<InstrumentId> Note(const std::vector<std::string>& names,
                                 const std::vector<InstrumentId>& ids);
  void WriteNext(Monotonic now);
  void Close(const Error& why);
  void GiveUpOnSilence(Monotonic now);
  void TellWaiting(std::size_t ticks);

  const Parts parts_;
  const std::string request_id_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  Hooks hooks_;
  std::shared_ptr<TickStream> self_;

  mutable std::mutex mutex_;  // guards everything below
  grpc::CallbackServerContext* context_;
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
