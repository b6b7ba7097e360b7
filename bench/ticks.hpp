#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "services/feed/src/core/tick.hpp"

namespace sauda::bench {

constexpr int kInstruments = 500;

/// Instrument `number`'s key, from 0.
std::string KeyOf(int number);

/// A tick with every part that the full mode has, of the instruments in turn.
feed::Tick FullTick(std::uint64_t seq);

/// A frame of full-mode ticks as the broker sends it.
std::string FrameOf(int ticks);

inline double SecondsSince(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace sauda::bench
