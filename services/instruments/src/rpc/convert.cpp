#include "services/instruments/src/rpc/convert.hpp"

namespace sauda::instruments {
namespace {

/// Empty for what the instrument does not have.
std::string TextOf(Decimal number) { return number == Decimal{} ? "" : number.ToString(); }

}  // namespace

void ToWire(const StoredInstrument& stored, std::int64_t market_now_ms, wire::Instrument& out) {
  const Instrument& it = stored.instrument;
  out.set_instrument_id(stored.id);
  out.set_instrument_key(it.key);
  out.set_segment(std::string{kSegments[it.segment].name});
  out.set_exchange(it.exchange);
  out.set_instrument_type(it.type);
  out.set_kind(static_cast<wire::InstrumentKind>(it.kind));
  out.set_trading_symbol(it.symbol);
  out.set_name(it.name);
  out.set_exchange_token(it.token);
  out.set_isin(it.isin);
  out.set_lot_size(it.lot_size);
  out.set_freeze_quantity(it.freeze_quantity);
  out.set_tick_size(TextOf(it.tick_size));
  out.set_quantity_multiplier(TextOf(it.quantity_multiplier));
  out.set_expiry_ms(it.expiry_ms);
  out.set_strike_price(TextOf(it.strike));
  out.set_underlying_key(it.underlying_key);
  out.set_underlying_symbol(it.underlying_symbol);
  out.set_weekly(it.weekly);
  out.set_active(stored.ActiveAt(market_now_ms));
  out.set_simulated(it.simulated);
}

void ToWire(const SegmentCounts& counts,
            google::protobuf::RepeatedPtrField<wire::SegmentCount>& out) {
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    if (counts[i] == 0) continue;
    auto& count = *out.Add();
    count.set_segment(std::string{kSegments[i].name});
    count.set_count(counts[i]);
  }
}

void ToWire(const SyncReport& report, wire::SyncReport& out) {
  out.set_sync_id(report.sync_id);
  out.set_records(report.records);
  for (const auto& [reason, records] : report.bad) {
    auto& bad = *out.add_bad_records();
    bad.set_reason(reason);
    bad.set_count(records.count);
    bad.set_first(records.first);
  }
  out.set_inserted(report.inserted);
  out.set_updated(report.updated);
  out.set_unchanged(report.unchanged);
  out.set_deactivated(report.deactivated);
  out.set_reactivated(report.reactivated);
  ToWire(report.segments, *out.mutable_segments());
  out.set_duration_ms(report.duration_ms);
  out.set_started_ms(report.started_ms);
  out.set_simulated(report.simulated);
  out.set_bytes(report.bytes);
}

}  // namespace sauda::instruments
