#include "services/instruments/src/core/sync_report.hpp"

namespace sauda::instruments {
namespace {

bool HasAny(const SegmentCounts& segments, SegmentClass of) {
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    if (kSegments[i].kind == of && segments[i] > 0) return true;
  }
  return false;
}

}  // namespace

CountedType CountedTypeOf(Kind kind, Contract contract) {
  switch (kind) {
    case Kind::kEquity:
      return CountedType::kEquity;
    case Kind::kIndex:
      return CountedType::kIndex;
    case Kind::kFuture:
      return CountedType::kFuture;
    case Kind::kOption:
      return contract == Contract::kCall ? CountedType::kCall : CountedType::kPut;
    case Kind::kSpot:
      break;
  }
  return CountedType::kOther;
}

std::vector<SyncWarning> MasterWarnings(const SegmentCounts& segments) {
  std::vector<SyncWarning> warnings;
  if (!HasAny(segments, SegmentClass::kEquityDerivative)) {
    warnings.push_back({std::string{kNoFno}, "the master has no contract of NSE_FO or BSE_FO"});
  }
  if (!HasAny(segments, SegmentClass::kCash)) {
    warnings.push_back({std::string{kNoEquity}, "the master has no share of NSE_EQ or BSE_EQ"});
  }
  return warnings;
}

std::vector<SyncWarning> ListWarnings(const std::vector<ListOutcome>& lists) {
  std::vector<SyncWarning> warnings;
  for (const ListOutcome& each : lists) {
    if (each.state != ListOutcome::State::kFailed) continue;
    warnings.push_back(
        {std::string{kListNotRead}, std::string{NameOf(each.list)} + ": " + each.failure});
  }
  return warnings;
}

}  // namespace sauda::instruments
