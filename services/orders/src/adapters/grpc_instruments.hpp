#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "libs/base/clock.hpp"
#include "services/orders/src/core/ports.hpp"

namespace grpc {
class Channel;
}  // namespace grpc
namespace sauda::telemetry {
class Dependencies;
}  // namespace sauda::telemetry

namespace sauda::orders {

/// Instruments from the instruments service, the ones asked for lately from memory: at most
/// `cache_size` names, each for `cache_life`. Thread-safe.
class GrpcInstruments final : public InstrumentDirectory {
 public:
  struct Options {
    std::chrono::milliseconds deadline{2'000};
    std::chrono::milliseconds cache_life{60'000};
    std::size_t cache_size = 4'096;
  };

  /// The references outlive it. `dependencies` hears under the name `instruments`.
  GrpcInstruments(std::shared_ptr<grpc::Channel> channel, const Clock& clock,
                  telemetry::Dependencies& dependencies, Options options);

  Result<Instrument> Find(const std::string& name) override;

 private:
  struct Kept {
    std::string name;
    Instrument instrument;
    Monotonic since;
  };

  Result<Instrument> Ask(const std::string& name);
  void Keep(const std::string& name, const Instrument& instrument);

  const std::shared_ptr<grpc::Channel> channel_;
  const Clock& clock_;
  telemetry::Dependencies& dependencies_;
  const Options options_;
  std::mutex mutex_;                                                    // guards what follows
  std::list<Kept> by_use_;                                              // the latest used first
  std::unordered_map<std::string, std::list<Kept>::iterator> by_name_;  // into by_use_
};

}  // namespace sauda::orders
