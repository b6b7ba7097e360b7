#pragma once

#include <cstdint>
#include <string>

#include "libs/base/decimal.hpp"
#include "services/instruments/src/core/raw_record.hpp"
#include "services/instruments/src/core/segment.hpp"

namespace sauda::instruments {

/// Reads the fields of one record, of whatever file of the broker. Every method fails with
/// kInvalidArgument / FIELD_MISSING or FIELD_INVALID, and the message names the field.
class FieldReader {
 public:
  explicit FieldReader(const RawRecord& record) : record_{record} {}

  bool Has(Field field) const { return record_[field].type != RawValue::Type::kAbsent; }

  /// The key, and the segment before its bar. Fails with KEY_MISSING, KEY_MALFORMED,
  /// SEGMENT_UNKNOWN instead.
  Result<Segment> Key(std::string& out) const;

  /// At most 200 bytes without control characters; empty when absent and not required.
  Result<void> Text(Field field, bool required, std::string& out) const;

  /// Zero when absent and not required.
  Result<void> Number(Field field, bool required, Decimal& out) const;

  /// A quantity: 1755 or 1755.0, from `least` up.
  Result<void> Quantity(Field field, bool required, std::int64_t least, std::int64_t& out) const;

  /// Milliseconds since the epoch: beyond the range of a Decimal.
  Result<void> Expiry(bool required, std::int64_t& out) const;

  static Error Missing(Field field);
  static Error Invalid(Field field, const char* what);

 private:
  const RawRecord& record_;
};

}  // namespace sauda::instruments
