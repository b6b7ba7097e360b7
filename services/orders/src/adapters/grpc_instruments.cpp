#include "services/orders/src/adapters/grpc_instruments.hpp"

#include <optional>

#include <grpcpp/grpcpp.h>

#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"

namespace sauda::orders {
namespace {

namespace pb = instruments::v1alpha1;

constexpr auto kName = "instruments";

Result<Instrument> FromWire(const pb::Instrument& wire) {
  const bool tradable = wire.kind() == pb::INSTRUMENT_KIND_EQUITY ||
                        wire.kind() == pb::INSTRUMENT_KIND_FUTURE ||
                        wire.kind() == pb::INSTRUMENT_KIND_OPTION;
  Instrument instrument{.id = wire.instrument_id(),
                        .key = wire.instrument_key(),
                        .trading_symbol = wire.trading_symbol(),
                        .lot = wire.lot_size(),
                        .freeze_quantity = wire.freeze_quantity(),
                        .expiry_ms = wire.expiry_ms(),
                        .tradable = tradable,
                        .active = wire.active(),
                        .segment = wire.segment(),
                        .type = wire.instrument_type(),
                        .underlying_key = wire.underlying_key(),
                        .underlying_symbol = wire.underlying_symbol()};
  if (const auto multiplier = Decimal::Parse(wire.quantity_multiplier());
      multiplier && multiplier->IsMultipleOf(Decimal::FromUnits(1)) && *multiplier > Decimal{}) {
    instrument.multiplier = multiplier->nanos() / Decimal::kNanosPerUnit;
  }
  if (wire.tick_size().empty()) return instrument;
  const auto tick = Decimal::Parse(wire.tick_size());
  if (!tick) {
    return Error{Code::kUnavailable, "INSTRUMENTS_DOWN",
                 "the tick size of " + wire.instrument_key() + " is no number"};
  }
  instrument.tick = *tick;
  return instrument;
}

}  // namespace

GrpcInstruments::GrpcInstruments(std::shared_ptr<grpc::Channel> channel, const Clock& clock,
                                 telemetry::Dependencies& dependencies, Options options)
    : channel_{std::move(channel)}, clock_{clock}, dependencies_{dependencies}, options_{options} {}

Result<Instrument> GrpcInstruments::Find(const std::string& name) {
  {
    const std::lock_guard lock{mutex_};
    const auto kept = by_name_.find(name);
    if (kept != by_name_.end() && clock_.Now() - kept->second->since < options_.cache_life) {
      by_use_.splice(by_use_.begin(), by_use_, kept->second);
      return kept->second->instrument;
    }
  }
  auto asked = Ask(name);
  if (asked) Keep(name, *asked);
  return asked;
}

Result<Instrument> GrpcInstruments::Ask(const std::string& name) {
  grpc::ClientContext context;
  rpc::Prepare(context, options_.deadline, rpc::NewRequestId());
  pb::GetInstrumentRequest request;
  request.set_name(name);
  pb::Instrument found;
  const grpc::Status status =
      pb::InstrumentsService::NewStub(channel_)->GetInstrument(&context, request, &found);
  if (status.ok()) {
    dependencies_.Up(kName);
    return FromWire(found);
  }
  const Error error = rpc::FromStatus(status);
  if (error.code == Code::kNotFound || error.code == Code::kFailedPrecondition ||
      error.code == Code::kInvalidArgument) {
    dependencies_.Up(kName);
    return error;
  }
  dependencies_.Down(kName, error.reason + ": " + error.message);
  return Error{Code::kUnavailable, "INSTRUMENTS_DOWN",
               "the instruments service cannot say what " + name + " is: " + error.message};
}

void GrpcInstruments::Keep(const std::string& name, const Instrument& instrument) {
  const std::lock_guard lock{mutex_};
  if (const auto old = by_name_.find(name); old != by_name_.end()) {
    by_use_.erase(old->second);
    by_name_.erase(old);
  }
  by_use_.push_front({.name = name, .instrument = instrument, .since = clock_.Now()});
  by_name_[name] = by_use_.begin();
  if (by_use_.size() <= options_.cache_size) return;
  by_name_.erase(by_use_.back().name);
  by_use_.pop_back();
}

}  // namespace sauda::orders
