#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/exchange/types.hpp"
#include "services/orders/src/core/order.hpp"
#include "services/orders/src/core/order_rules.hpp"

namespace sauda::scenarios {

/// One line of a scenario that does something. README.md beside this has the words.
struct Step {
  enum class Kind : std::uint8_t { kAt, kMarket, kSession, kPlace, kModify, kCancel };
  Kind kind = Kind::kAt;
  int line = 0;
  std::int64_t at_ms = 0;  ///< kAt: market time, UTC
  std::string instrument;  ///< kMarket: its key
  std::vector<exchange::Level> bids, asks;
  Decimal last_price;  ///< kMarket; 0: none is told
  /// kMarket: the middle of the circuit limits.
  Decimal previous_close = Decimal::FromUnits(100);
  bool again = false;          ///< kMarket: the same once more
  bool open = false;           ///< kSession
  std::string order;           ///< kPlace, kModify, kCancel: the order's name
  orders::NewOrder asked;      ///< kPlace
  orders::TermsChange change;  ///< kModify
};

/// A scripted market, the orders that meet it, and what becomes of each.
struct Scenario {
  std::string name;     ///< of the file
  std::string differs;  ///< the listed difference that it shows; empty: both sides end alike
  std::vector<Step> steps;
  std::map<std::string, std::string> expected;  ///< outcome by order's name
  std::map<std::string, std::string> on_paper;  ///< where paper differs
};

/// When every scenario starts: 2025-12-15 09:30 IST, as the tests' ManualClock does.
inline constexpr std::int64_t kStartMs = 1'765'771'200'000;

/// Reads one scenario. Fails with kInvalidArgument / SCENARIO_MALFORMED, naming file and line.
Result<Scenario> ReadScenario(const std::filesystem::path& file);

/// Reads one line that does something. Fails with kInvalidArgument / SCENARIO_MALFORMED.
Result<Step> ReadStep(const std::string& line);

/// All files of the folder, by name.
std::vector<std::filesystem::path> ScenarioFiles(const std::filesystem::path& folder);

/// The key of an instrument's short name, from tests/support/small_master.hpp; empty: no such name.
std::string KeyOf(std::string_view short_name);

}  // namespace sauda::scenarios
