#pragma once

#include <chrono>
#include <thread>

namespace sauda {

/// Waits until `holds` is true, looking again every millisecond; false when `limit` passes first.
template <typename Condition>
bool Eventually(const Condition& holds,
                std::chrono::milliseconds limit = std::chrono::seconds{10}) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace sauda
