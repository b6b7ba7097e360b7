#include "services/feed/src/core/selection.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sauda::feed {
namespace {

constexpr double kMostPrice = 1e9;

/// Whether what is asked for goes together.
const char* ObjectTo(const Selection& selection) {
  const bool named = selection.kind || selection.universe || !selection.underlying.empty();
  if (!named) return "name a kind, an underlying or a universe";
  if (selection.kind == Kind::kUnknown) return "the kind is not one that can be selected";
  if (selection.universe && !selection.underlying.empty()) {
    return "an underlying or the universe, not both";
  }
  if (selection.universe && !selection.segment.empty()) {
    return "the universe is of one segment, it takes no other";
  }
  if (!selection.universe && !selection.exclude.empty()) {
    return "only of the universe something can be excluded";
  }
  if (selection.exclude.size() > SelectionPlan::kMostExcluded) {
    return "with those of the settings at most 500 are excluded";
  }
  if (!selection.underlying.empty() && !IsContract(selection.kind.value_or(Kind::kOption))) {
    return "of an underlying there are futures and options";
  }
  if (selection.limit > SelectionPlan::kMostLimit) return "limit must be 0 to 5000";
  const double price = selection.near_price;
  if (!std::isfinite(price) || price < 0 || price > kMostPrice) {
    return "near_price is no price";
  }
  if (price > 0 && !TakesStrikes(selection)) {
    return "near_price is for the options of an underlying";
  }
  return nullptr;
}

std::vector<Kind> KindsOf(const Selection& selection) {
  if (selection.kind) return {*selection.kind};
  if (selection.universe) return {Kind::kEquity, Kind::kIndex};
  return {Kind::kFuture, Kind::kOption};
}

}  // namespace

bool TakesStrikes(const Selection& selection) {
  return !selection.underlying.empty() && selection.kind.value_or(Kind::kOption) == Kind::kOption;
}

std::size_t KindLimits::Of(Kind kind) const {
  switch (kind) {
    case Kind::kIndex:
      return index;
    case Kind::kEquity:
      return equity;
    case Kind::kFuture:
      return futures;
    case Kind::kOption:
      return options;
    case Kind::kUnknown:
      break;
  }
  return 0;
}

SelectionPlan::SelectionPlan(Selection selection, const KindLimits& limits, std::vector<Kind> kinds)
    : selection_{std::move(selection)}, limits_{limits}, kinds_{std::move(kinds)} {}

Result<SelectionPlan> SelectionPlan::Make(const Selection& selection, const KindLimits& limits) {
  if (const char* const why = ObjectTo(selection)) {
    return Error{Code::kInvalidArgument, "SELECTION_INVALID", why};
  }
  return SelectionPlan{selection, limits, KindsOf(selection)};
}

std::size_t SelectionPlan::Left() const {
  if (selection_.limit == 0) return kMostLimit;
  std::size_t spent = 0;
  for (const Taken& each : taken_) spent += each.taken;
  return selection_.limit - std::min(spent, selection_.limit);
}

std::optional<InstrumentQuery> SelectionPlan::Next() const {
  if (taken_.size() == kinds_.size()) return std::nullopt;
  const Kind kind = kinds_[taken_.size()];
  return InstrumentQuery{.kind = kind,
                         .segment = selection_.segment,
                         .underlying = selection_.underlying,
                         .universe = selection_.universe,
                         .exclude = selection_.exclude,
                         .near_price = kind == Kind::kOption ? selection_.near_price : 0,
                         .limit = std::min(limits_.Of(kind), Left())};
}

void SelectionPlan::Take(std::size_t came, std::size_t total) {
  const Kind kind = kinds_[taken_.size()];
  Taken taken{.kind = kind, .taken = came, .total = total};
  if (came < total) {
    const bool of_kind = limits_.Of(kind) <= Left();
    taken.limited_by = of_kind ? LimitedBy::kKindLimit : LimitedBy::kRequestLimit;
    taken.limit = of_kind ? limits_.Of(kind) : selection_.limit;
  }
  taken_.push_back(taken);
}

}  // namespace sauda::feed
