#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sauda/instruments/v1alpha1/instruments.pb.h"
#include "services/instruments/src/core/chains.hpp"
#include "services/instruments/src/core/lists/list_book.hpp"
#include "services/instruments/src/core/sync_progress.hpp"

namespace sauda::instruments {

namespace wire = ::sauda::instruments::v1alpha1;

/// What an answer is as of.
struct Moment {
  std::int64_t market_now_ms = 0;         // decides what is active
  std::shared_ptr<const ListBook> lists;  // not null
};

/// Absent when it is not said. Fails with kInvalidArgument / KIND_UNKNOWN.
Result<std::optional<Kind>> KindFromWire(wire::InstrumentKind kind);

/// A name with bytes that cannot be in the database, which would take the query for broken, is no
/// text. Fails with kInvalidArgument / NO_INSTRUMENT_NAMED.
Result<void> CheckText(const std::string& name);

void ToWire(const StoredInstrument& stored, const Moment& moment, wire::Instrument& out);
void ToWire(const SyncReport& report, wire::SyncReport& out);
void ToWire(const SegmentCounts& counts,
            google::protobuf::RepeatedPtrField<wire::SegmentCount>& out);
void ToWire(const SyncProgress& progress, wire::SyncProgress& out);
void ToWire(const SyncRun& run, wire::SyncRun& out);
void ToWire(const InstrumentChange& change, wire::InstrumentChange& out);
void ToWire(const Expiries& expiries, wire::ListExpiriesResponse& out);
void ToWire(const Chain& chain, const Moment& moment, wire::OptionChain& out);
void ToWire(const TypeCounts& counts, wire::TypeCounts& out);
void ToWire(const KeptList& kept, wire::KeptList& out);
void ToWire(const ListRow& row, bool simulated, wire::SuspendedInstrument& out);

}  // namespace sauda::instruments
