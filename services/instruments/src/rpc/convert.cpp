#include "services/instruments/src/rpc/convert.hpp"

#include <array>

#include "services/instruments/src/core/symbol_forms.hpp"

namespace sauda::instruments {
namespace {

/// Empty for what the instrument does not have.
std::string TextOf(Decimal number) { return number == Decimal{} ? "" : number.ToString(); }

void ToWire(const ListOutcome& outcome, wire::ListSync& out) {
  constexpr std::array kStates{wire::LIST_SYNC_STATE_REPLACED, wire::LIST_SYNC_STATE_NOT_MODIFIED,
                               wire::LIST_SYNC_STATE_FAILED};
  out.set_list(std::string{NameOf(outcome.list)});
  out.set_state(kStates[static_cast<std::size_t>(outcome.state)]);
  out.set_rows(outcome.rows);
  out.set_bad_records(outcome.bad);
  out.set_failure(outcome.failure);
}

void SetMarks(const ListMarks& marks, wire::Instrument& out) {
  out.set_mtf(marks.mtf);
  out.set_mtf_bracket(TextOf(marks.mtf_margin_percent));
  out.set_mis(marks.mis);
  out.set_mis_margin(TextOf(marks.mis_margin_percent));
  out.set_mis_leverage(TextOf(marks.mis_leverage));
  out.set_suspended(marks.suspended);
}

}  // namespace

Result<std::optional<Kind>> KindFromWire(wire::InstrumentKind kind) {
  if (kind == wire::INSTRUMENT_KIND_UNSPECIFIED) return std::optional<Kind>{};
  if (wire::InstrumentKind_IsValid(kind)) return std::optional{static_cast<Kind>(kind)};
  return Error{Code::kInvalidArgument, "KIND_UNKNOWN",
               "no kind has the number " + std::to_string(static_cast<int>(kind))};
}

Result<void> CheckText(const std::string& name) {
  if (name.find('\0') == std::string::npos) return {};
  return Error{Code::kInvalidArgument, "NO_INSTRUMENT_NAMED", "a name holds a NUL character"};
}

void ToWire(const StoredInstrument& stored, const Moment& moment, wire::Instrument& out) {
  const Instrument& it = stored.instrument;
  out.set_instrument_id(stored.id);
  out.set_instrument_key(it.key);
  out.set_segment(std::string{kSegments[it.segment].name});
  out.set_exchange(it.exchange);
  out.set_instrument_type(it.type);
  out.set_kind(static_cast<wire::InstrumentKind>(it.kind));
  out.set_trading_symbol(it.symbol);
  out.set_name(it.name);
  out.set_short_name(it.short_name);
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
  out.set_active(stored.ActiveAt(moment.market_now_ms));
  out.set_simulated(it.simulated);
  out.set_compact_symbol(CompactSymbol(it));
  out.set_openalgo_symbol(OpenAlgoSymbol(it));
  out.set_openalgo_exchange(std::string{OpenAlgoExchange(it.segment)});
  SetMarks(moment.lists->Of(it.key, it.token, it.simulated), out);
}

void ToWire(const TypeCounts& counts, wire::TypeCounts& out) {
  const auto count = [&](CountedType type) { return counts[static_cast<std::size_t>(type)]; };
  out.set_equity(count(CountedType::kEquity));
  out.set_index(count(CountedType::kIndex));
  out.set_future(count(CountedType::kFuture));
  out.set_call(count(CountedType::kCall));
  out.set_put(count(CountedType::kPut));
  out.set_other(count(CountedType::kOther));
}

void ToWire(const KeptList& kept, wire::KeptList& out) {
  out.set_list(std::string{NameOf(kept.list)});
  out.set_sync_id(kept.sync_id);
  out.set_market_ms(kept.market_ms);
  out.set_rows(kept.rows);
  out.set_simulated(kept.simulated);
}

void ToWire(const ListRow& row, bool simulated, wire::SuspendedInstrument& out) {
  out.set_instrument_key(row.key);
  out.set_trading_symbol(row.symbol);
  out.set_name(row.name);
  out.set_instrument_type(row.type);
  out.set_isin(row.isin);
  out.set_exchange_token(row.token);
  out.set_simulated(simulated);
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
  out.set_market_ms(report.market_ms);
  out.set_source(report.source);
  out.set_not_modified(report.not_modified);
  ToWire(report.types, *out.mutable_types());
  for (const SyncWarning& each : report.warnings) {
    auto& warning = *out.add_warnings();
    warning.set_code(each.code);
    warning.set_message(each.message);
  }
  for (const ListOutcome& each : report.lists) ToWire(each, *out.add_lists());
}

void ToWire(const SyncProgress& progress, wire::SyncProgress& out) {
  constexpr std::array kPhases{wire::SYNC_PHASE_IDLE, wire::SYNC_PHASE_CONNECTING,
                               wire::SYNC_PHASE_READING, wire::SYNC_PHASE_MERGING};
  out.set_phase(kPhases[static_cast<std::size_t>(progress.phase)]);
  out.set_sync_id(progress.sync_id);
  out.set_percent(progress.percent());
  out.set_records(progress.records);
  out.set_bytes(progress.bytes);
  out.set_bad_records(progress.bad);
}

void ToWire(const SyncRun& run, wire::SyncRun& out) {
  constexpr std::array kStates{wire::SYNC_STATE_RUNNING, wire::SYNC_STATE_COMMITTED,
                               wire::SYNC_STATE_FAILED};
  out.set_sync_id(run.sync_id);
  out.set_source(run.source);
  out.set_state(kStates[static_cast<std::size_t>(run.state)]);
  out.set_started_ms(run.started_ms);
  if (run.report) ToWire(*run.report, *out.mutable_report());
  out.set_failure(run.failure);
}

void ToWire(const InstrumentChange& change, wire::InstrumentChange& out) {
  constexpr std::array kKinds{wire::CHANGE_KIND_LISTED,          wire::CHANGE_KIND_DELISTED,
                              wire::CHANGE_KIND_REACTIVATED,     wire::CHANGE_KIND_LOT_SIZE,
                              wire::CHANGE_KIND_FREEZE_QUANTITY, wire::CHANGE_KIND_TICK_SIZE,
                              wire::CHANGE_KIND_SYMBOL,          wire::CHANGE_KIND_EXPIRY};
  out.set_sequence(change.sequence);
  out.set_sync_id(change.sync_id);
  out.set_market_ms(change.market_ms);
  out.set_instrument_id(change.instrument_id);
  out.set_instrument_key(change.key);
  out.set_trading_symbol(change.symbol);
  out.set_kind(kKinds[static_cast<std::size_t>(change.change)]);
  out.set_before(change.before);
  out.set_after(change.after);
}

void ToWire(const Expiries& expiries, wire::ListExpiriesResponse& out) {
  out.set_segment(std::string{kSegments[expiries.segment].name});
  for (const ExpiryDay& day : expiries.days) {
    auto& expiry = *out.add_expiries();
    expiry.set_date(calendar::IstDate::Of(day.expiry_ms).ToString());
    expiry.set_expiry_ms(day.expiry_ms);
    expiry.set_weekly(day.weekly);
    expiry.set_futures(day.futures);
    expiry.set_options(day.options);
  }
}

void ToWire(const Chain& chain, const Moment& moment, wire::OptionChain& out) {
  out.set_segment(std::string{kSegments[chain.segment].name});
  out.set_expiry(calendar::IstDate::Of(chain.expiry_ms).ToString());
  out.set_expiry_ms(chain.expiry_ms);
  for (const ChainRow& row : chain.rows) {
    auto& strike = *out.add_strikes();
    strike.set_strike_price(row.strike.ToString());
    if (row.call) ToWire(*row.call, moment, *strike.mutable_call());
    if (row.put) ToWire(*row.put, moment, *strike.mutable_put());
  }
}

}  // namespace sauda::instruments
