#include "services/orders/src/store_keeper.hpp"

#include "libs/base/backoff.hpp"

namespace sauda::orders {

using std::chrono::milliseconds;

void StoreKeeper::Start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

void StoreKeeper::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

bool StoreKeeper::WaitUntilReady(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  return changed_.wait(lock, stop, [this] { return ready_; });
}

void StoreKeeper::Run(const std::stop_token& stop) {
  constexpr milliseconds kAskEvery{5'000};
  Backoff backoff{{.first = milliseconds{200}, .most = milliseconds{2'000}}};
  for (bool migrated = false; !stop.stop_requested();) {
    const Result<void> answer = migrated ? parts_.ask() : parts_.migrate();
    parts_.tell(answer);
    std::unique_lock lock{mutex_};
    if (answer) {
      migrated = true;
      ready_ = true;
      changed_.notify_all();
      backoff.Reset();
    }
    changed_.wait_for(lock, stop, answer ? kAskEvery : backoff.Next() + milliseconds{50},
                      [] { return false; });
  }
}

}  // namespace sauda::orders
