#include "bench/ticks.hpp"

#include "tests/support/feed_fakes.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::bench {

namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

std::string KeyOf(int number) { return "NSE_FO|" + std::to_string(40'000 + number); }

feed::Tick FullTick(std::uint64_t seq) {
  feed::Tick tick;
  tick.listing = feed::ListingOf(KeyOf(static_cast<int>(seq % kInstruments)));
  tick.seq = seq;
  tick.received_ns = 1'765'771'200'000'000'000 + static_cast<std::int64_t>(seq);
  tick.broker_ms = 1'765'771'372'400;
  tick.mode = feed::Mode::kFull;
  tick.simulated = true;
  tick.last = feed::LastTrade{775.95, 1'765'771'369'106, 35, 622.85, {}};
  for (std::int64_t level = 1; level <= 5; ++level) {
    const auto steps = static_cast<double>(level);
    tick.depth.push_back({35 * level, 773.7 - steps, 70 * level, 777.15 + steps});
  }
  tick.greeks = feed::Greeks{-0.6416, -15.358, 0.0003, 45.3725, -16.2522};
  tick.bars = {{"1d", 682.05, 798.1, 673.2, 775.95, 27'475, 1'765'737'000'000},
               {"I1", 783.7, 788.95, 776.0, 780.0, 1'575, 1'765'771'260'000}};
  tick.totals = {731.11, 27'475, 71'365, 0.1032257080078125, 9'835, 11'690};
  return tick;
}

std::string FrameOf(int ticks) {
  wire::FeedResponse frame;
  frame.set_type(wire::live_feed);
  frame.set_currentts(1'765'771'372'400);
  for (int i = 0; i < ticks; ++i) {
    wire::Feed& entry = (*frame.mutable_feeds())[KeyOf(i)];
    wire::MarketFullFeed& market = *entry.mutable_fullfeed()->mutable_marketff();
    const feed::Tick tick = FullTick(static_cast<std::uint64_t>(i));
    market.mutable_ltpc()->set_ltp(tick.last->price);
    market.mutable_ltpc()->set_ltt(tick.last->time_ms);
    market.mutable_ltpc()->set_ltq(tick.last->quantity);
    market.mutable_ltpc()->set_cp(tick.last->previous_close);
    for (const auto& level : tick.depth) {
      wire::Quote& quote = *market.mutable_marketlevel()->add_bidaskquote();
      quote.set_bidq(level.bid_quantity);
      quote.set_bidp(level.bid_price);
      quote.set_askq(level.ask_quantity);
      quote.set_askp(level.ask_price);
    }
    market.mutable_optiongreeks()->set_delta(tick.greeks->delta);
    market.mutable_optiongreeks()->set_theta(tick.greeks->theta);
    market.mutable_optiongreeks()->set_gamma(tick.greeks->gamma);
    market.mutable_optiongreeks()->set_vega(tick.greeks->vega);
    market.mutable_optiongreeks()->set_rho(tick.greeks->rho);
    for (const auto& bar : tick.bars) {
      wire::OHLC& ohlc = *market.mutable_marketohlc()->add_ohlc();
      ohlc.set_interval(bar.interval);
      ohlc.set_open(bar.open);
      ohlc.set_high(bar.high);
      ohlc.set_low(bar.low);
      ohlc.set_close(bar.close);
      ohlc.set_vol(bar.volume);
      ohlc.set_ts(bar.start_ms);
    }
    market.set_atp(tick.totals.average_price);
    market.set_vtt(tick.totals.volume);
    market.set_oi(tick.totals.open_interest);
    market.set_iv(tick.totals.implied_volatility);
    market.set_tbq(tick.totals.total_buy_quantity);
    market.set_tsq(tick.totals.total_sell_quantity);
    entry.set_requestmode(wire::full_d5);
  }
  return frame.SerializeAsString();
}

}  // namespace sauda::bench
