// A master as a source sends it: inflated, split, parsed, read. What must hold of any bytes:
// - the pieces they come in do not matter: the same records, the same verdict;
// - every record is an instrument or is counted as bad, with a reason of the closed list;
// - an instrument that was read is sound: its key is of its segment, its contract has an expiry;
// - no record that is kept is longer than allowed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/check.hpp"
#include "services/instruments/src/adapters/inflater.hpp"
#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/master_reader.hpp"

namespace sauda::instruments {
namespace {

/// A small file inflates to a thousand times its size, which would be fuzzing zlib.
constexpr std::size_t kMostInflated = 1'048'576;

constexpr std::array<std::string_view, 7> kReasons{
    "RECORD_MALFORMED", "KEY_MISSING",   "KEY_MALFORMED", "KEY_REPEATED",
    "SEGMENT_UNKNOWN",  "FIELD_MISSING", "FIELD_INVALID"};

/// What a master came to.
struct Outcome {
  std::vector<std::uint64_t> digests;
  std::int64_t records = 0;
  BadTally bad;
  std::string reason;  // empty: it was read to its end
  bool operator==(const Outcome&) const = default;
};

void CheckSound(const Instrument& it) {
  const std::string segment{kSegments[it.segment].name};
  Check(it.key.starts_with(segment + "|") && it.key.size() > segment.size() + 1,
        "a key is of its segment");
  const bool contract = ContractOf(it.kind, it.type) != Contract::kNone;
  Check(contract == (it.expiry_ms > 0), "contracts expire, and nothing else does");
  Check((it.kind == Kind::kOption) == (it.strike > Decimal{}), "options have a strike");
  Check(it.lot_size >= 0 && it.freeze_quantity >= 0, "quantities are not negative");
}

void CheckTally(const Outcome& outcome, std::int64_t bad_count) {
  std::int64_t counted = 0;
  for (const auto& [reason, records] : outcome.bad) {
    bool known = false;
    for (const std::string_view each : kReasons) known = known || each == reason;
    Check(known, "a bad record's reason is of the closed list");
    counted += records.count;
  }
  Check(counted == bad_count, "bad records are counted once");
  Check(static_cast<std::int64_t>(outcome.digests.size()) + bad_count == outcome.records,
        "every record is an instrument or bad");
}

Outcome Read(std::string_view bytes, std::size_t piece) {
  Outcome outcome;
  SimdjsonRecordParser parser;
  MasterReader reader{parser, [&](Instrument& instrument) -> Result<void> {
                        CheckSound(instrument);
                        outcome.digests.push_back(Digest(instrument));
                        return {};
                      }};
  std::size_t inflated = 0;
  Inflater inflater{[&](std::string_view text) -> Result<void> {
    inflated += text.size();
    if (inflated > kMostInflated) return Error{Code::kInvalidArgument, "ENOUGH", ""};
    return reader.Feed(text);
  }};
  Result<void> fed;
  for (std::size_t i = 0; fed && i < bytes.size(); i += piece) {
    fed = inflater.Feed(bytes.substr(i, piece));
  }
  if (fed) fed = inflater.Finish();
  if (fed) fed = reader.Finish();
  outcome.reason = fed ? "" : fed.error().reason;
  outcome.records = reader.records();
  outcome.bad = reader.bad();
  if (outcome.reason.empty()) CheckTally(outcome, reader.bad_count());
  return outcome;
}

}  // namespace
}  // namespace sauda::instruments

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sauda::instruments::Read;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto whole = Read(bytes, size + 1);
  if (whole.reason == "ENOUGH") return 0;
  // Of a damaged gzip file zlib may hand out more or less of what came before the damage.
  const bool packed = bytes.starts_with("\x1f\x8b");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    const auto again = Read(bytes, piece);
    sauda::Check(whole.reason.empty() == again.reason.empty(), "the pieces do not decide");
    if (packed && !whole.reason.empty()) continue;
    sauda::Check(again == whole, "the pieces do not matter");
  }
  return 0;
}
