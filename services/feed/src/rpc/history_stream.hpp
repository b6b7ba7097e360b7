#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "libs/base/clock.hpp"
#include "libs/rpc/calls.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/history_pager.hpp"
#include "services/feed/src/metrics.hpp"
#include "services/feed/src/rpc/proto_codec.hpp"

namespace sauda::feed {

/// One StreamHistory call: a page is read by a worker, written, and only then is the next one read.
/// So it holds one page at most, and nothing at the database while it writes. Threads: Read runs on
/// the workers, one at a time; the On… calls come from gRPC, Beat from whoever beats; mutex_ orders
/// them. It keeps itself alive until OnDone, the last call that gRPC makes.
class HistoryStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                            public std::enable_shared_from_this<HistoryStream> {
 public:
  struct Parts {
    History& history;
    InstrumentDirectory& directory;
    TaskRunner& workers;
    const Clock& clock;
    Metrics& metrics;
    rpc::Calls& calls;
    std::chrono::milliseconds stall_limit{5'000};
  };

  HistoryStream(grpc::CallbackServerContext& context, Parts parts);

  /// Begins, or ends at once with what is wrong. The keys may be symbols. Call once, before handing
  /// it to gRPC; `on_end` is called when gRPC is done with it, on a thread that must not block.
  void Open(Result<TickRange> wanted,
            std::function<void(const std::shared_ptr<HistoryStream>&)> on_end);

  void End(const Error& why);

  /// About once a second: a reader that takes nothing is noticed.
  void Beat();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  static constexpr std::chrono::seconds kGrace{1};  // for the reader to take the status
  static constexpr std::size_t kGapsAtOnce = 200;   // they are small, and few

  // On a worker:
  void Begin(const TickRange& wanted);
  Result<std::vector<std::string>> KeysOf(const std::vector<std::string>& names);
  /// Reads until there is something to write.
  void ReadOn();
  Result<std::deque<std::string>> ReadPage();
  bool closed() const;

  // With mutex_ held:
  void Step();
  void Close(const Error* why);

  const Parts parts_;
  const std::string request_id_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::function<void(const std::shared_ptr<HistoryStream>&)> on_end_;
  std::shared_ptr<HistoryStream> self_;

  // The worker's, of which there is one at a time:
  std::optional<GapRange> gaps_;  // absent: all of them were read
  std::optional<HistoryPager> pager_;
  ProtoTickEncoder encoder_;

  mutable std::mutex mutex_;  // guards everything below
  grpc::CallbackServerContext* context_;
  std::deque<std::string> waiting_;  // batches of the page that was read
  bool all_read_ = false;
  grpc::ByteBuffer response_;
  std::optional<Monotonic> writing_since_;  // absent: nothing is being written
  bool reading_ = false;                    // a worker is at it, or will be
  std::optional<Monotonic> closed_at_;      // when Finish was called
};

}  // namespace sauda::feed
