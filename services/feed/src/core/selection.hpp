#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/feed/src/core/tick.hpp"

namespace sauda::feed {

/// Most keys of each kind that one selection takes, 1 to 5000.
struct KindLimits {
  std::size_t index = 100;
  std::size_t equity = 500;
  std::size_t futures = 200;
  std::size_t options = 500;

  /// Of a kind that is known.
  std::size_t Of(Kind kind) const;
};

/// Instruments by what they are instead of by name; what is left open is not looked at.
struct Selection {
  std::optional<Kind> kind;          ///< absent: as the underlying or the universe says
  std::string segment;               ///< empty: all
  std::string underlying;            ///< key or symbol: the contracts that are written on it
  bool universe = false;             ///< the F&O universe
  std::vector<std::string> exclude;  ///< symbols or keys that are not of the universe
  double near_price = 0;  ///< rupees; strikes nearest to it are taken first; 0: the lowest first
  std::size_t limit = 0;  ///< of all kinds together; 0: each kind's own alone
};

/// Whether strikes are taken, so that a price can say which first: options of an underlying.
bool TakesStrikes(const Selection& selection);

/// One kind of a selection, as the instruments service is asked for it.
struct InstrumentQuery {
  Kind kind = Kind::kUnknown;
  std::string segment;
  std::string underlying;
  bool universe = false;
  std::vector<std::string> exclude;
  double near_price = 0;  ///< 0: none
  std::size_t limit = 0;  ///< most listings in the answer; with 0 they are only counted
};

/// What kept a selection from taking all that there is. The numbers are the proto's.
enum class LimitedBy : std::uint8_t { kNothing = 1, kKindLimit = 2, kRequestLimit = 3 };

/// How much of one kind a selection has taken.
struct Taken {
  Kind kind = Kind::kUnknown;
  std::size_t taken = 0;
  std::size_t total = 0;  ///< that there are
  LimitedBy limited_by = LimitedBy::kNothing;
  std::size_t limit = 0;  ///< the one that counted; 0: none did

  friend bool operator==(const Taken&, const Taken&) = default;
};

/// Decides what to ask for, one kind after the other, within the limits. Ask for Next, tell what
/// came by Take, until there is none.
class SelectionPlan {
 public:
  static constexpr std::size_t kMostLimit = 5'000;
  static constexpr std::size_t kMostExcluded = 500;

  /// Fails with kInvalidArgument / SELECTION_INVALID.
  static Result<SelectionPlan> Make(const Selection& selection, const KindLimits& limits);

  /// The next question; absent: that was all.
  std::optional<InstrumentQuery> Next() const;

  /// The answer to it: how many came, of how many.
  void Take(std::size_t came, std::size_t total);

  const std::vector<Taken>& taken() const { return taken_; }

 private:
  SelectionPlan(Selection selection, const KindLimits& limits, std::vector<Kind> kinds);

  /// What is left of the request's limit.
  std::size_t Left() const;

  Selection selection_;
  KindLimits limits_;
  std::vector<Kind> kinds_;
  std::vector<Taken> taken_;  // of the first of kinds_
};

}  // namespace sauda::feed
