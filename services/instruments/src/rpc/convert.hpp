#pragma once

#include <cstdint>

#include "sauda/instruments/v1alpha1/instruments.pb.h"
#include "services/instruments/src/core/chains.hpp"
#include "services/instruments/src/core/sync_progress.hpp"

namespace sauda::instruments {

namespace wire = ::sauda::instruments::v1alpha1;

/// `market_now_ms` decides whether it is active.
void ToWire(const StoredInstrument& stored, std::int64_t market_now_ms, wire::Instrument& out);
void ToWire(const SyncReport& report, wire::SyncReport& out);
void ToWire(const SegmentCounts& counts,
            google::protobuf::RepeatedPtrField<wire::SegmentCount>& out);
void ToWire(const SyncProgress& progress, wire::SyncProgress& out);
void ToWire(const SyncRun& run, wire::SyncRun& out);
void ToWire(const InstrumentChange& change, wire::InstrumentChange& out);
void ToWire(const Expiries& expiries, wire::ListExpiriesResponse& out);
void ToWire(const Chain& chain, std::int64_t market_now_ms, wire::OptionChain& out);

}  // namespace sauda::instruments
