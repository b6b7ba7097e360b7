#pragma once

#include "services/instruments/src/core/instrument.hpp"
#include "services/instruments/src/core/raw_record.hpp"

namespace sauda::instruments {

/// Turns a record into an instrument, or says why it is none. `out` is overwritten; of a failure
/// only its key is of use, which is empty unless it is sound. Passing it in keeps its texts'
/// memory. Fails with kInvalidArgument and one of
///   KEY_MISSING      no instrument_key
///   KEY_MALFORMED    not `<segment>|<1 to 100 printable bytes of UTF-8>`
///   SEGMENT_UNKNOWN  not in kSegments
///   FIELD_MISSING    a field this kind of instrument must have
///   FIELD_INVALID    wrong JSON type, no UTF-8, not exact in nine decimals, out of range, or
///   contradicting
///                    another field
/// and a message that names the field.
Result<void> ReadInstrument(const RawRecord& record, TickUnit unit, Instrument& out);

}  // namespace sauda::instruments
