#include "services/feed/src/rpc/candle_codec.hpp"

#include <string>

namespace sauda::feed {

v1alpha1::Candle ToProto(const Candle& candle) {
  v1alpha1::Candle out;
  out.set_start_ms(candle.start_ms);
  out.set_open(candle.open);
  out.set_high(candle.high);
  out.set_low(candle.low);
  out.set_close(candle.close);
  out.set_volume(candle.volume);
  out.set_edge_volume(candle.edge_volume);
  out.set_open_interest(candle.open_interest);
  out.set_trades(candle.trades);
  out.set_revised(candle.revised);
  out.set_complete(candle.complete);
  out.set_partial(candle.partial);
  out.set_estimated(candle.estimated);
  out.set_gap(candle.gap);
  out.set_simulated(candle.simulated);
  return out;
}

Result<Interval> IntervalFromProto(v1alpha1::CandleInterval interval) {
  switch (interval) {
    case v1alpha1::CANDLE_INTERVAL_UNSPECIFIED:
    case v1alpha1::CANDLE_INTERVAL_1M:
      return Interval::k1m;
    case v1alpha1::CANDLE_INTERVAL_3M:
      return Interval::k3m;
    case v1alpha1::CANDLE_INTERVAL_5M:
      return Interval::k5m;
    case v1alpha1::CANDLE_INTERVAL_15M:
      return Interval::k15m;
    case v1alpha1::CANDLE_INTERVAL_30M:
      return Interval::k30m;
    case v1alpha1::CANDLE_INTERVAL_1H:
      return Interval::k1h;
    case v1alpha1::CANDLE_INTERVAL_1D:
      return Interval::k1d;
    default:
      return Error{Code::kInvalidArgument, "INTERVAL_UNKNOWN",
                   "no interval has the number " + std::to_string(static_cast<int>(interval))};
  }
}

}  // namespace sauda::feed
