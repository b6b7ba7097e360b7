#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "libs/base/result.hpp"
#include "simulator/src/config.hpp"
#include "simulator/src/core/market.hpp"
#include "simulator/src/core/master.hpp"
#include "simulator/src/core/replay_market.hpp"

namespace sauda::sim {

/// A market with what it stands on; members in the order in which they need each other.
struct MadeMarket {
  std::unique_ptr<Master> master;
  std::unique_ptr<CaptureSource> captures;  ///< of a recording
  std::unique_ptr<Market> market;
  ReplayMarket* replay = nullptr;  ///< `market`, when it is a recording
};

/// Makes the market the settings ask for. Fails with SETTINGS_INVALID and the reasons of
/// ReadMaster, CaptureReader and JournalCapture.
Result<MadeMarket> MakeMarket(const Config& config, Monotonic now, std::int64_t wall_ms);

}  // namespace sauda::sim
