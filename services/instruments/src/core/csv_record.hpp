#pragma once

#include <array>
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "services/instruments/src/core/raw_record.hpp"

namespace sauda::instruments {

/// Reads rows of the broker's old CSV (upstox-api 3.5) as if they were JSON records: futures and
/// options get their JSON types, shares the type EQ (the file has no series), ISIN comes from the
/// key, expiry is the end of the day in IST. Freeze quantity, multiplier and underlying are not in
/// the file.
class CsvRecord {
 public:
  /// Fails with kInvalidArgument / MASTER_MALFORMED when this is not the broker's header.
  static Result<void> CheckHeader(const std::vector<std::string>& fields);

  /// Fills `out`, whose texts live until the next call or until `fields` change. Fails with
  /// kInvalidArgument / RECORD_MALFORMED when the number of fields is wrong.
  Result<void> Read(const std::vector<std::string>& fields, RawRecord& out);

 private:
  std::string expiry_ms_;
};

}  // namespace sauda::instruments
