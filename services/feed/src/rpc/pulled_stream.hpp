#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "libs/base/clock.hpp"
#include "libs/rpc/calls.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/update.hpp"
#include "services/feed/src/metrics.hpp"

namespace sauda::feed {

/// A server stream of encoded messages that are made on workers, some at a time: what was made is
/// written, and only then is more made. So it holds no more than that, and a reader that stops
/// costs nobody anything. Threads: Pull runs on the workers, one at a time; the On… calls come from
/// gRPC's, the rest from any; mutex_ orders them. It keeps itself alive until OnDone, the last call
/// that gRPC makes.
class PulledStream : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                     public std::enable_shared_from_this<PulledStream> {
 public:
  struct Parts {
    TaskRunner& workers;
    const Clock& clock;
    Metrics& metrics;
    rpc::Calls& calls;
    std::chrono::milliseconds stall_limit{5'000};
  };
  using OnEnd = std::function<void(const std::shared_ptr<PulledStream>&)>;

  ~PulledStream() override = default;

  /// Begins, or ends at once with what is wrong. Call once, before handing it to gRPC; `on_end` is
  /// called when gRPC is done with it, on a thread that must not block.
  void Open(const Result<void>& wanted, OnEnd on_end);

  void End(const Error& why);

  /// About once a second: a reader that takes nothing is noticed.
  void Beat();

  /// There may be more to pull, for one that waits.
  virtual void Turn() {}

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 protected:
  /// What was made, and what then.
  struct Pulled {
    enum class Then : std::uint8_t { kPull, kWait, kEnd };
    std::deque<std::string> messages;
    Then then = Then::kPull;
  };

  /// `method` and `open` as for counting; both outlive it.
  PulledStream(grpc::CallbackServerContext& context, Parts parts, const char* method,
               prometheus::Gauge& open);

  /// On a worker; may block.
  virtual Result<Pulled> Pull() = 0;

  /// Pulls, unless that is going on, or what was made is not written yet.
  void Wake();

  const Parts& parts() const { return parts_; }
  const std::string& request_id() const { return request_id_; }
  /// Nobody wants more.
  bool closed() const;

 private:
  static constexpr std::chrono::seconds kGrace{1};  // for the reader to take the status

  void RunPull();

  // With mutex_ held:
  void Step();
  void PostPull();
  void Close(const Error* why);

  const Parts parts_;
  const char* const method_;
  prometheus::Gauge& open_;
  const std::string request_id_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  OnEnd on_end_;
  std::shared_ptr<PulledStream> self_;

  mutable std::mutex mutex_;  // guards everything below
  grpc::CallbackServerContext* context_;
  std::deque<std::string> waiting_;
  Pulled::Then then_ = Pulled::Then::kPull;
  bool pulling_ = false;  // a worker is at it, or will be
  grpc::ByteBuffer response_;
  std::optional<Monotonic> writing_since_;  // absent: nothing is being written
  std::optional<Monotonic> closed_at_;      // when Finish was called
};

/// The open streams of one rpc, and what beats them. Shared with the publisher, which may outlive
/// the service. Thread-safe.
class OpenStreams final : public UpdateSink {
 public:
  explicit OpenStreams(std::size_t most) : most_{most} {}

  /// Opens it with what is wrong with the request, if anything, unless it is not let in at all.
  void Add(const std::shared_ptr<PulledStream>& stream, Result<void> wanted,
           const std::shared_ptr<OpenStreams>& self);
  /// Ends every one, and every later one.
  void EndAll(const Error& why);
  void TurnAll();

  void Offer(const Update&) override {}
  void Flush() override {}
  void OnConnection(ConnectionState) override {}
  void OnBeat() override;

 private:
  std::vector<std::shared_ptr<PulledStream>> All() const;

  const std::size_t most_;
  mutable std::mutex mutex_;  // guards the two below
  std::set<std::shared_ptr<PulledStream>> streams_;
  std::optional<Error> ending_;
};

}  // namespace sauda::feed
