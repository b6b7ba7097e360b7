#include "services/feed/src/publisher.hpp"

#include <future>
#include <utility>

namespace sauda::feed {

Publisher::Publisher(Waiting& waiting, const TickEncoder& encoder, Options options,
                     OnPublished on_published)
    : waiting_{waiting},
      options_{options},
      on_published_{std::move(on_published)},
      board_{encoder},
      thread_{[this] { Run(); }} {}

Publisher::~Publisher() { Stop(); }

bool Publisher::Push(std::span<const Update> updates) {
  if (updates.empty()) return true;
  std::unique_lock lock{mutex_};
  has_room_.wait(lock, [&] { return stopping_ || queue_.size() < options_.queue_updates; });
  if (stopping_) return false;
  queue_.insert(queue_.end(), updates.begin(), updates.end());
  lock.unlock();
  waiting_.Wake();
  return true;
}

void Publisher::Post(Command command) {
  {
    const std::lock_guard lock{mutex_};
    if (stopped_) return;
    commands_.push_back(std::move(command));
  }
  waiting_.Wake();
}

void Publisher::Join(std::shared_ptr<UpdateSink> sink, bool follow_all,
                     std::vector<InstrumentId> ids) {
  Post([sink = std::move(sink), follow_all, ids = std::move(ids)](Board& board) {
    board.Join(sink, follow_all);
    board.Follow(sink, ids);
  });
}

void Publisher::Follow(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) {
  Post([sink = std::move(sink), ids = std::move(ids)](Board& board) { board.Follow(sink, ids); });
}

void Publisher::Unfollow(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) {
  Post([sink = std::move(sink), ids = std::move(ids)](Board& board) {
    board.Unfollow(sink.get(), ids);
  });
}

void Publisher::Leave(std::shared_ptr<UpdateSink> sink, std::vector<InstrumentId> ids) {
  Post([sink = std::move(sink), ids = std::move(ids)](Board& board) {
    board.Leave(sink.get(), ids);
  });
}

void Publisher::Open(std::vector<InstrumentId> ids) {
  Post([ids = std::move(ids)](Board& board) { board.Open(ids); });
}

void Publisher::Close(std::vector<InstrumentId> ids) {
  Post([ids = std::move(ids)](Board& board) { board.Close(ids); });
}

void Publisher::SetConnection(ConnectionState state) {
  Post([state](Board& board) { board.SetConnection(state); });
}

std::vector<Update> Publisher::Latest(std::vector<InstrumentId> ids) {
  std::vector<Update> found;
  (void)Ask([&](Board& board) { found = board.Latest(ids); });
  return found;
}

std::size_t Publisher::known() {
  std::size_t known = 0;
  (void)Ask([&](Board& board) { known = board.known(); });
  return known;
}

bool Publisher::Ask(const Command& command) {
  std::promise<bool> answer;
  auto answered = answer.get_future();
  {
    const std::lock_guard lock{mutex_};
    if (stopped_) return false;
    commands_.emplace_back([&](Board& board) {
      command(board);
      answer.set_value(true);
    });
  }
  waiting_.Wake();
  return answered.get();  // commands that were taken run before the thread ends
}

void Publisher::Run() {
  std::vector<Update> updates;
  std::vector<Command> commands;
  auto next_beat = std::chrono::steady_clock::now() + options_.beat;
  for (bool running = true; running;) {
    {
      const std::lock_guard lock{mutex_};
      updates.swap(queue_);
      commands.swap(commands_);
      running = !stopping_ || !updates.empty() || !commands.empty();
      if (!running) stopped_ = true;
    }
    has_room_.notify_all();
    for (const Command& command : commands) command(board_);
    Apply(updates);
    if (!updates.empty() && on_published_) on_published_(updates);
    const bool idle = updates.empty() && commands.empty();
    updates.clear();
    commands.clear();
    if (running) waiting_.Wait(idle ? next_beat : Monotonic{});  // after work only a look
    if (const auto now = std::chrono::steady_clock::now(); now >= next_beat) {
      board_.Beat();
      next_beat = now + options_.beat;
    }
  }
}

// Readers get what has come together in one message, but need not wait for the end of a long queue;
// nor must what was written, for then they could be sent nothing more meanwhile.
void Publisher::Apply(std::span<const Update> updates) {
  std::size_t unflushed = 0;
  for (const Update& update : updates) {
    board_.Apply(update);
    if (++unflushed < kFlushEvery) continue;
    board_.Flush();
    waiting_.Wait(Monotonic{});
    unflushed = 0;
  }
  board_.Flush();
}

void Publisher::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  waiting_.Wake();
  has_room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace sauda::feed
