#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "libs/base/result.hpp"
#include "simulator/src/core/fault.hpp"

namespace sauda::sim {

/// What becomes of one update of the portfolio stream.
struct UpdateFate {
  bool lost = false;
  bool cut = false;               ///< the connection is reset after it
  bool duplicated = false;        ///< it comes once more, after `again_after` others
  std::uint32_t behind = 0;       ///< others that overtake it; 0: none
  std::uint32_t again_after = 0;  ///< others before its second copy
};

/// Draws faults by chance, from a seed: the n-th call and the n-th update of two plans with the
/// same settings have the same fate. Pure; not thread-safe; one owner.
class FaultPlan {
 public:
  /// Most updates that overtake another.
  static constexpr std::uint32_t kMostBehind = 6;

  using Chances = std::map<FaultKind, double>;  ///< 0 to 1 each; together at most 1

  struct Settings {
    std::uint64_t seed = 1;
    Chances orders;  ///< of place, modify and cancel
    Chances rest;    ///< of what only reads
    int status = 500;
    std::chrono::milliseconds least_delay{100};  ///< of slow, late and no-answer
    std::chrono::milliseconds most_delay{1'000};
    // Of updates of the portfolio stream; each is drawn by itself.
    double duplicate = 0;
    double reorder = 0;
    double lose = 0;
    double cut = 0;
  };

  /// Fails with INVALID_ARGUMENT / FAULT_PLAN_INVALID: a kind that is none of an HTTP call, chances
  /// that are no chances, a status or delays that make no sense.
  static Result<FaultPlan> Make(Settings settings);

  /// Of the next call of a target; absent: it is answered as always. Only kOrders and kRest have
  /// any.
  std::optional<Fault> DrawCall(FaultTarget target);

  UpdateFate DrawUpdate();

  const Settings& settings() const { return settings_; }
  /// What was drawn so far, by `orders reset-after`, `portfolio lose`, ...
  const std::map<std::string, std::uint64_t>& drawn() const { return drawn_; }

 private:
  explicit FaultPlan(Settings settings);
  double Chance(std::mt19937_64& random) const;

  Settings settings_;
  // Apart, so that the fate of the n-th order call does not hang on how much else was asked or
  // told.
  std::mt19937_64 orders_, rest_, updates_;
  std::map<std::string, std::uint64_t> drawn_;
};

}  // namespace sauda::sim
