#include "services/feed/src/adapters/upstox_encoder.hpp"

#include "upstox/ordered_frame.pb.h"

namespace sauda::feed {
namespace {

namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

void Fill(wire::LTPC& out, const LastTrade& last) {
  out.set_ltp(last.price);
  out.set_ltt(last.time_ms);
  out.set_ltq(last.quantity);
  out.set_cp(last.previous_close);
  if (last.indicative_price) out.mutable_iep()->set_value(*last.indicative_price);
}

void Fill(wire::Quote& out, const DepthLevel& level) {
  out.set_bidq(level.bid_quantity);
  out.set_bidp(level.bid_price);
  out.set_askq(level.ask_quantity);
  out.set_askp(level.ask_price);
}

void Fill(wire::OptionGreeks& out, const Greeks& greeks) {
  out.set_delta(greeks.delta);
  out.set_theta(greeks.theta);
  out.set_gamma(greeks.gamma);
  out.set_vega(greeks.vega);
  out.set_rho(greeks.rho);
}

void Fill(wire::MarketOHLC& out, const std::vector<Bar>& bars) {
  for (const Bar& bar : bars) {
    wire::OHLC& to = *out.add_ohlc();
    to.set_interval(bar.interval);
    to.set_open(bar.open);
    to.set_high(bar.high);
    to.set_low(bar.low);
    to.set_close(bar.close);
    to.set_vol(bar.volume);
    to.set_ts(bar.start_ms);
  }
}

void Fill(wire::MarketFullFeed& out, const Tick& tick) {
  if (tick.last) Fill(*out.mutable_ltpc(), *tick.last);
  for (const DepthLevel& level : tick.depth)
    Fill(*out.mutable_marketlevel()->add_bidaskquote(), level);
  if (tick.greeks) Fill(*out.mutable_optiongreeks(), *tick.greeks);
  if (!tick.bars.empty()) Fill(*out.mutable_marketohlc(), tick.bars);
  out.set_atp(tick.totals.average_price);
  out.set_vtt(tick.totals.volume);
  out.set_oi(tick.totals.open_interest);
  out.set_iv(tick.totals.implied_volatility);
  out.set_tbq(tick.totals.total_buy_quantity);
  out.set_tsq(tick.totals.total_sell_quantity);
  if (!tick.auction) return;
  out.set_iep(tick.auction->equilibrium_price);
  out.set_rp(tick.auction->reference_price);
  out.set_ieq(tick.auction->equilibrium_quantity);
  out.set_iiqtotal(tick.auction->imbalance_quantity);
  out.set_iiqm(tick.auction->market_imbalance_quantity);
  out.set_caseligible(tick.auction->closing_auction_eligible);
}

void Fill(wire::FirstLevelWithGreeks& out, const Tick& tick) {
  if (tick.last) Fill(*out.mutable_ltpc(), *tick.last);
  if (!tick.depth.empty()) Fill(*out.mutable_firstdepth(), tick.depth.front());
  if (tick.greeks) Fill(*out.mutable_optiongreeks(), *tick.greeks);
  out.set_vtt(tick.totals.volume);
  out.set_oi(tick.totals.open_interest);
  out.set_iv(tick.totals.implied_volatility);
}

void Fill(wire::Feed& out, const Tick& tick) {
  switch (tick.mode) {
    case Mode::kLtpc:
      out.set_requestmode(wire::ltpc);
      if (tick.last) Fill(*out.mutable_ltpc(), *tick.last);
      return;
    case Mode::kOptionGreeks:
      out.set_requestmode(wire::option_greeks);
      return Fill(*out.mutable_firstlevelwithgreeks(), tick);
    case Mode::kFull:
    case Mode::kFullD30:
      out.set_requestmode(tick.mode == Mode::kFull ? wire::full_d5 : wire::full_d30);
      // An index says less, but a market's message can say all that it does.
      return Fill(*out.mutable_fullfeed()->mutable_marketff(), tick);
  }
}

}  // namespace

std::string EncodeSnapshot(std::span<const Tick* const> ticks) {
  wire::OrderedFeedResponse frame;
  frame.set_type(wire::initial_feed);
  for (const Tick* const tick : ticks) {
    wire::FeedEntry& entry = *frame.add_feeds();
    entry.set_key(tick->listing->key);
    Fill(*entry.mutable_value(), *tick);
  }
  return frame.SerializeAsString();
}

}  // namespace sauda::feed
