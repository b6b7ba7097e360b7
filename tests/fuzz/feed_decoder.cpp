// The broker's frames, as sauda-feed reads them. What must hold of any bytes:
// - decoding twice says the same;
// - a frame that is refused has handed over nothing, one that is taken what its head counts;
// - what was made of a frame can be encoded, and decoding that gives the same values again: a
//   journal's segment begins so (upstox_encoder.hpp);
// - the journal's reader makes the same ticks of it that were published.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "libs/base/check.hpp"
#include "services/feed/src/adapters/upstox_decoder.hpp"
#include "services/feed/src/adapters/upstox_encoder.hpp"
#include "services/feed/src/core/tick_rebuilder.hpp"

namespace sauda::feed {
namespace {

/// Numbers that == does not find equal to themselves, or finds equal although their bytes differ,
/// stand for another here.
void Normalize(double& value) {
  if (std::isnan(value)) value = -1.5;
  if (value == 0) value = 0;
}

Tick Normalized(Tick tick) {
  if (tick.last) {
    Normalize(tick.last->price);
    Normalize(tick.last->previous_close);
    if (tick.last->indicative_price) Normalize(*tick.last->indicative_price);
  }
  for (DepthLevel& level : tick.depth) {
    Normalize(level.bid_price);
    Normalize(level.ask_price);
  }
  if (tick.greeks) {
    Greeks& of = *tick.greeks;
    for (double* each : {&of.delta, &of.theta, &of.gamma, &of.vega, &of.rho}) Normalize(*each);
  }
  for (Bar& bar : tick.bars) {
    for (double* each : {&bar.open, &bar.high, &bar.low, &bar.close}) Normalize(*each);
  }
  Totals& totals = tick.totals;
  for (double* each : {&totals.average_price, &totals.open_interest, &totals.implied_volatility,
                       &totals.total_buy_quantity, &totals.total_sell_quantity}) {
    Normalize(*each);
  }
  if (tick.auction) {
    Normalize(tick.auction->equilibrium_price);
    Normalize(tick.auction->reference_price);
  }
  return tick;
}

bool SameValues(const Tick& a, const Tick& b) {
  const Tick x = Normalized(a);
  const Tick y = Normalized(b);
  return std::tie(x.listing->key, x.mode, x.last, x.depth, x.greeks, x.bars, x.totals, x.auction) ==
         std::tie(y.listing->key, y.mode, y.last, y.depth, y.greeks, y.bars, y.totals, y.auction);
}

/// Does what Ingest does with a frame: merges what it says, in its order.
class Merger final : public DeltaSink {
 public:
  void OnHead(const FrameHead& head) override {
    ++heads;
    broker_ms = head.broker_ms;
  }
  void OnDelta(const Delta& delta) override {
    const auto [at, is_new] = latest.try_emplace(std::string{delta.key});
    if (is_new) {
      at->second.listing = std::make_shared<const Listing>(Listing{.key = at->first});
    }
    Merge(at->second, delta);
    ticks.push_back(at->second);
  }

  int heads = 0;
  std::int64_t broker_ms = 0;
  std::map<std::string, Tick> latest;
  std::vector<Tick> ticks;  // one for each delta
};

void CheckSame(const std::vector<Tick>& a, const std::vector<Tick>& b, const char* what) {
  Check(a.size() == b.size(), what);
  for (std::size_t i = 0; i < a.size(); ++i) Check(SameValues(a[i], b[i]), what);
}

void CheckEncoded(UpstoxDecoder& decoder, const Merger& merged) {
  std::vector<const Tick*> ticks;
  for (const auto& [key, tick] : merged.latest) ticks.push_back(&tick);
  const std::string snapshot = EncodeSnapshot(ticks);
  Merger again;
  const auto head = decoder.Decode(snapshot, again);
  Check(head.has_value(), "what was made of a frame can be encoded and read");
  Check(head->type == FrameType::kInitial, "it is a snapshot");
  Check(again.ticks.size() == ticks.size(), "of every instrument");
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    Check(SameValues(*ticks[i], again.ticks[i]), "with the same values");
  }
}

void CheckRebuilt(UpstoxDecoder& decoder, std::string_view bytes, const Merger& merged) {
  const std::vector<std::int64_t> instruments(merged.ticks.size(), 7);
  TickRebuilder rebuilder{decoder};
  std::vector<Tick> ticks;
  const JournaledFrame frame{.bytes = bytes, .first_seq = 5, .instruments = instruments};
  Check(rebuilder.Rebuild(frame, ticks).has_value(), "a journaled frame can be read again");
  CheckSame(ticks, merged.ticks, "and gives the ticks that were published");
}

void Try(std::string_view bytes) {
  static UpstoxDecoder decoder;  // its memory is used again, as in the service
  Merger first;
  const auto head = decoder.Decode(bytes, first);
  Merger second;
  const auto again = decoder.Decode(bytes, second);
  Check(head.has_value() == again.has_value(), "decoding twice says the same");
  CheckSame(first.ticks, second.ticks, "and hands over the same");
  if (!head) {
    Check(head.error().reason == again.error().reason, "and refuses for the same reason");
    Check(first.heads == 0 && first.ticks.empty(), "a refused frame hands over nothing");
    return;
  }
  Check(first.heads == 1 && first.broker_ms == head->broker_ms, "its head comes once");
  Check(first.ticks.size() == head->instruments, "its head counts what it hands over");
  Check(head->segments == again->segments, "and says the same of the segments");
  if (first.ticks.empty()) return;
  CheckEncoded(decoder, first);
  CheckRebuilt(decoder, bytes, first);
}

}  // namespace
}  // namespace sauda::feed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sauda::feed::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
