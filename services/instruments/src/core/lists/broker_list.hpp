#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/decimal.hpp"

namespace sauda::instruments {

/// A list that the broker serves beside the master (upstox-api 3.1). Values are positions in
/// kListFacts.
enum class ListKind : std::uint8_t { kMtf, kNseMis, kBseMis, kSuspended };

struct ListFacts {
  std::string_view name;  // as it is kept, reported and answered
  std::string_view file;  // at the broker
};
inline constexpr std::array<ListFacts, 4> kListFacts{{
    {"mtf", "MTF.json.gz"},
    {"nse_mis", "NSE_MIS.json.gz"},
    {"bse_mis", "BSE_MIS.json.gz"},
    {"suspended", "suspended-instrument.json.gz"},
}};
inline constexpr std::array kLists{ListKind::kMtf, ListKind::kNseMis, ListKind::kBseMis,
                                   ListKind::kSuspended};

constexpr std::size_t IndexOf(ListKind list) { return static_cast<std::size_t>(list); }
constexpr std::string_view NameOf(ListKind list) { return kListFacts[IndexOf(list)].name; }
/// Absent when no list is called so.
constexpr std::optional<ListKind> FindList(std::string_view name) {
  for (const ListKind list : kLists) {
    if (NameOf(list) == name) return list;
  }
  return std::nullopt;
}

/// One record of a list. Texts are empty and numbers 0 where the record does not say.
struct ListRow {
  std::string key;  // as the master's; several suspended ones may share it
  std::string symbol;
  std::string name;
  std::string type;
  std::string isin;
  std::string token;
  Decimal margin_percent;  // MTF: its bracket; MIS: the intraday margin
  Decimal leverage;        // MIS: how many times the margin may be traded

  friend bool operator==(const ListRow&, const ListRow&) = default;
};

/// A list as it is kept.
struct KeptList {
  ListKind list = ListKind::kMtf;
  std::int64_t sync_id = 0;    // that brought it
  std::int64_t market_ms = 0;  // when, by the market clock
  std::int64_t rows = 0;
  std::string tag;         // as MasterOrigin has it
  bool simulated = false;  // it came from the simulator

  friend bool operator==(const KeptList&, const KeptList&) = default;
};

/// What became of a list in a sync.
struct ListOutcome {
  enum class State : std::uint8_t { kReplaced, kNotModified, kFailed };
  ListKind list = ListKind::kMtf;
  State state = State::kReplaced;
  std::int64_t rows = 0;  // of one that was read
  std::int64_t bad = 0;   // records that were left out, since they could not be used
  std::string failure;    // of one that failed: reason and message; the old list stays

  friend bool operator==(const ListOutcome&, const ListOutcome&) = default;
};

}  // namespace sauda::instruments
