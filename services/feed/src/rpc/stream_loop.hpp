#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include "services/feed/src/core/waiting.hpp"

namespace sauda::feed {

/// What is done when gRPC has carried out an operation; `ok` as gRPC has it. Its address is the
/// operation's tag: it stays where it is until then.
struct StreamStep {
  std::function<void(bool ok)> done;
};

/// Lets the publishing thread wait in gRPC's completion queue, so that it hears there itself that
/// what it wrote has left: with gRPC's callbacks each message would change threads twice. It polls
/// for the whole server, to which gRPC gives no other thread then: no step may block.
class StreamLoop final : public Waiting {
 public:
  /// From now on Wait does the steps of `queue` too.
  void Start(std::unique_ptr<grpc::ServerCompletionQueue> queue);

  /// Of the server's; Start was called.
  grpc::ServerCompletionQueue& queue() { return *queue_; }

  /// Returns when the waiting thread, which still runs, has done the last step. No operation may
  /// begin any more.
  void Stop();

  void Wait(Monotonic until) override;
  void Wake() override;

 private:
  static constexpr int kStepsAtOnce = 64;  // then the thread looks at its other work

  /// False: the queue is over.
  bool TakeSteps(Monotonic until);

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  StreamStep rung_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  grpc::Alarm alarm_;
  bool open_ = false;     // the queue is there and not over
  bool closing_ = false;  // the queue takes no alarm any more
  bool woken_ = false;    // since the last return of Wait
  bool asleep_ = false;   // in the queue, until a step or the alarm
  bool ringing_ = false;  // the alarm is on its way
};

}  // namespace sauda::feed
