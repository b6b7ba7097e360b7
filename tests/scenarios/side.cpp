#include "tests/scenarios/side.hpp"

namespace sauda::scenarios {
namespace {

orders::Instrument InstrumentOf(const sim::Listing& listing) {
  return {.key = listing.instrument_key,
          .trading_symbol = listing.trading_symbol,
          .tick = Decimal::FromNanos(listing.TickUnits() * 100'000),
          .lot = listing.lot_size.value_or(0),
          .freeze_quantity = static_cast<std::int64_t>(listing.freeze_quantity.value_or(0)),
          .expiry_ms = listing.expiry_ms.value_or(0),
          .tradable = !listing.IsIndex(),
          .active = true};
}

}  // namespace

Side::Side(const std::vector<sim::Listing>& listings) {
  for (const sim::Listing& listing : listings) {
    instruments.known[listing.instrument_key] = InstrumentOf(listing);
  }
}

void Side::MoveTo(std::int64_t market_ms) {
  clock.Advance(std::chrono::milliseconds{market_ms - now_ms()});
  OnTime();
  Pump();
}

void Side::Show(const Step& market) {
  OnMarket(market);
  Pump();
}

void Side::SetSession(bool open) {
  OnSession(open);
  Pump();
}

Result<orders::Order> Side::Place(const orders::NewOrder& order) {
  auto placed = used().Place(order);
  Pump();
  return placed;
}

Result<orders::Order> Side::Modify(const std::string& order, const orders::TermsChange& change) {
  auto modified = used().Modify({"", order}, change);
  Pump();
  return modified;
}

Result<orders::Order> Side::Cancel(const std::string& order) {
  auto cancelled = used().Cancel({"", order});
  Pump();
  return cancelled;
}

}  // namespace sauda::scenarios
