#include "services/gateway/src/core/loss_counter.hpp"

#include <algorithm>
#include <utility>

namespace sauda::gateway {

void LossCounter::Begin() {
  catching_up_ = last_seq_ > 0;
  announced_ = 0;
}

std::uint64_t LossCounter::Batch(const std::string& instance, std::uint64_t announced) {
  if (instance != instance_) *this = LossCounter{};
  instance_ = instance;
  if (catching_up_) announced_ += announced;
  return announced;
}

std::uint64_t LossCounter::Tick(std::uint64_t seq, bool snapshot) {
  if (seq <= last_seq_) return 0;
  const std::uint64_t hole = seq - 1 - std::exchange(last_seq_, seq);
  if (!catching_up_) return 0;
  catching_up_ = snapshot;
  const std::uint64_t told = std::min(hole, announced_);
  announced_ -= told;
  return hole - told;
}

}  // namespace sauda::gateway
