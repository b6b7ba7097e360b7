#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "libs/base/result.hpp"

namespace sauda::orders {

/// Brings the database's schema forward once it can be reached, then asks it every few seconds how
/// it is, on a thread of its own from Start until Stop. Thread-safe.
class StoreKeeper {
 public:
  struct Parts {
    std::function<Result<void>()> migrate;
    std::function<Result<void>()> ask;
    std::function<void(const Result<void>&)> tell;  ///< every answer; from the keeper's thread
  };

  explicit StoreKeeper(Parts parts) : parts_{std::move(parts)} {}

  void Start();

  /// Returns when none of the parts is being called, nor will be.
  void Stop();

  /// Waits until the schema is in place. False: `stop` came first.
  bool WaitUntilReady(const std::stop_token& stop);

 private:
  void Run(const std::stop_token& stop);

  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool ready_ = false;   // guarded by mutex_
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace sauda::orders
