#pragma once

#include <cstdint>

#include "sauda/instruments/v1alpha1/instruments.pb.h"
#include "services/instruments/src/core/instrument_store.hpp"

namespace sauda::instruments {

namespace wire = ::sauda::instruments::v1alpha1;

/// `market_now_ms` decides whether it is active.
void ToWire(const StoredInstrument& stored, std::int64_t market_now_ms, wire::Instrument& out);
void ToWire(const SyncReport& report, wire::SyncReport& out);
void ToWire(const SegmentCounts& counts,
            google::protobuf::RepeatedPtrField<wire::SegmentCount>& out);

}  // namespace sauda::instruments
