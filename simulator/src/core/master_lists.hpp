#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/src/core/master.hpp"

namespace sauda::sim {

/// A list that the broker serves beside the instrument files.
enum class ListFile : std::uint8_t { kMtf, kNseMis, kBseMis, kSuspended };

struct ListFileName {
  ListFile file = ListFile::kMtf;
  std::string_view name;  // without .json.gz
};
inline constexpr std::array<ListFileName, 4> kListFiles{{
    {ListFile::kMtf, "MTF"},
    {ListFile::kNseMis, "NSE_MIS"},
    {ListFile::kBseMis, "BSE_MIS"},
    {ListFile::kSuspended, "suspended-instrument"},
}};

/// The list that goes with a master, in the broker's JSON form; what a real one would say is not
/// known here. MTF: the shares of NSE that the master calls so, and where it calls none so, those
/// that contracts are written on. MIS: the same at 5 times their margin, other shares of series EQ
/// and group A at 2 times. Suspended: of every 25th share of series EQ an earlier issue that is in
/// no master, in two series.
std::string ListJson(const Master& master, ListFile file);

}  // namespace sauda::sim
