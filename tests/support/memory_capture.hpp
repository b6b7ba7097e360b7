#pragma once

#include <utility>
#include <vector>

#include "simulator/src/core/replay_market.hpp"

namespace sauda::sim {

/// A capture made in code. May be told to break off before an element.
class MemoryCapture final : public CaptureSource {
 public:
  explicit MemoryCapture(std::vector<Captured> elements) : elements_{std::move(elements)} {}

  Result<std::optional<Captured>> Next() override {
    if (at_ == breaks_at) return Error{Code::kDataLoss, "CAPTURE_BROKEN", "told to break"};
    if (at_ == elements_.size()) return std::optional<Captured>{};
    return std::optional<Captured>{elements_[at_++]};
  }
  Result<void> Rewind() override {
    at_ = 0;
    return {};
  }

  std::size_t breaks_at = static_cast<std::size_t>(-1);

 private:
  std::vector<Captured> elements_;
  std::size_t at_ = 0;
};

}  // namespace sauda::sim
