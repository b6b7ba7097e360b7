#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "services/feed/src/core/board.hpp"
#include "services/feed/src/core/waiting.hpp"

namespace sauda::feed {

/// The publishing thread. It alone touches the board: updates reach it through a bounded queue that
/// it empties in one go, everything else as commands, and it works at its own pace. A command runs
/// before the updates that were pushed after it.
///
/// The queue is a pair of vectors that change places under a mutex, once a frame and not once a
/// tick: several sockets may push, and a full queue is something to wait for.
class Publisher final : public UpdateSource, public LatestSource {
 public:
  using Command = std::function<void(Board&)>;
  struct Options {
    std::size_t queue_updates = 16'384;  ///< 1.6 s at 10 000 ticks/s
    std::chrono::milliseconds beat{1'000};
  };
  /// Called by the publishing thread when it has offered these updates to every follower.
  using OnPublished = std::function<void(std::span<const Update>)>;

  /// `waiting` is where its thread waits; it and `encoder` outlive it.
  Publisher(Waiting& waiting, const TickEncoder& encoder, Options options,
            OnPublished on_published);
  ~Publisher() override;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Takes the updates of one frame, waiting while the queue is full. False: the publisher is
  /// stopping and nothing was taken.
  bool Push(std::span<const Update> updates);

  /// From any thread; returns at once. After the stop it is a no-op.
  void Post(Command command);

  void Join(std::shared_ptr<UpdateSink> sink, bool follow_all,
            std::vector<InstrumentId> ids) override;
  void Follow(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) override;
  void Unfollow(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) override;
  void Leave(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) override;
  std::vector<Update> Latest(std::vector<InstrumentId> ids) override;
  std::size_t known();

  void Open(std::vector<InstrumentId> ids);
  void Close(std::vector<InstrumentId> ids);
  void SetConnection(ConnectionState state);

  /// Publishes what is queued and joins. Idempotent.
  void Stop();

 private:
  static constexpr std::size_t kFlushEvery = 256;

  void Apply(std::span<const Update> updates);
  /// Runs `command` and waits for it. False: stopped, it did not run.
  bool Ask(const Command& command);
  void Run();

  Waiting& waiting_;
  const Options options_;
  const OnPublished on_published_;
  Board board_;  // publishing thread only

  std::mutex mutex_;  // guards the four below
  std::vector<Update> queue_;
  std::vector<Command> commands_;
  bool stopping_ = false;
  bool stopped_ = false;
  std::condition_variable has_room_;
  std::thread thread_;  // last: starts when the rest is there
};

}  // namespace sauda::feed
