#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/instruments/src/core/instrument.hpp"
#include "services/instruments/src/core/lists/broker_list.hpp"
#include "services/instruments/src/core/master_reader.hpp"

namespace sauda::instruments {

/// Listed instruments by segment, in the order of kSegments.
using SegmentCounts = std::array<std::int64_t, kSegments.size()>;

/// By what limits and lists part them. The order of kTypeNames.
enum class CountedType : std::uint8_t { kEquity, kIndex, kFuture, kCall, kPut, kOther };
inline constexpr std::array<std::string_view, 6> kTypeNames{"equity", "index", "future",
                                                            "call",   "put",   "other"};
using TypeCounts = std::array<std::int64_t, kTypeNames.size()>;

/// Where an instrument is counted: spots are other.
CountedType CountedTypeOf(Kind kind, Contract contract);
inline std::int64_t& CountOf(TypeCounts& counts, Kind kind, Contract contract) {
  return counts[static_cast<std::size_t>(CountedTypeOf(kind, contract))];
}

/// What a person should look at in a sync that was committed.
struct SyncWarning {
  std::string code;  // of kWarningCodes
  std::string message;

  friend bool operator==(const SyncWarning&, const SyncWarning&) = default;
};
inline constexpr std::string_view kNoFno = "NO_FNO_AFTER_SYNC";
inline constexpr std::string_view kNoEquity = "NO_EQUITY_AFTER_SYNC";
inline constexpr std::string_view kListNotRead = "LIST_NOT_READ";
inline constexpr std::array kWarningCodes{kNoFno, kNoEquity, kListNotRead};

/// What is wrong with a master that has so much of each segment: no contract of NSE_FO and BSE_FO,
/// no share.
std::vector<SyncWarning> MasterWarnings(const SegmentCounts& segments);

/// A warning for each list that failed.
std::vector<SyncWarning> ListWarnings(const std::vector<ListOutcome>& lists);

/// What a sync did, as the proto's SyncReport says it.
struct SyncReport {
  std::int64_t sync_id = 0;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  BadTally bad;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;  // with those reactivated
  std::int64_t unchanged = 0;
  std::int64_t deactivated = 0;
  std::int64_t reactivated = 0;
  SegmentCounts segments{};
  std::int64_t started_ms = 0;  // wall clock
  std::int64_t market_ms = 0;   // market clock, at the commit
  std::int64_t duration_ms = 0;
  bool simulated = false;
  std::string source;         // as MasterOrigin has it
  std::string tag;            // as MasterOrigin has it
  bool not_modified = false;  // the source still has the master that is kept: it was not read
  TypeCounts types{};
  std::vector<SyncWarning> warnings;  // of what was committed all the same
  std::vector<ListOutcome> lists;     // in the order of kLists; empty: the source has none

  friend bool operator==(const SyncReport&, const SyncReport&) = default;
};

}  // namespace sauda::instruments
