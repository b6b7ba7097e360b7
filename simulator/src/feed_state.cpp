#include "simulator/src/feed_state.hpp"

namespace sauda::sim {
namespace {

namespace pb = com::upstox::marketdatafeederv3udapi::rpc::proto;

void Take(const pb::LTPC& from, FullState& state) {
  state.parts |= kTrade;
  state.ltp = from.ltp();
  state.ltt_ms = from.ltt();
  state.ltq = from.ltq();
  state.cp = from.cp();
  if (from.has_iep()) state.trade_iep = from.iep().value();
}

DepthLevel LevelOf(const pb::Quote& from) {
  return {.bid_qty = from.bidq(), .bid = from.bidp(), .ask_qty = from.askq(), .ask = from.askp()};
}

void Take(const pb::OptionGreeks& from, FullState& state) {
  state.parts |= kGreeks;
  state.greeks = {.delta = from.delta(),
                  .theta = from.theta(),
                  .gamma = from.gamma(),
                  .vega = from.vega(),
                  .rho = from.rho()};
}

void Take(const pb::MarketOHLC& from, FullState& state) {
  state.parts |= kBars;
  for (const pb::OHLC& bar : from.ohlc()) {
    state.bars.push_back({.interval = bar.interval(),
                          .open = bar.open(),
                          .high = bar.high(),
                          .low = bar.low(),
                          .close = bar.close(),
                          .volume = bar.vol(),
                          .start_ms = bar.ts()});
  }
}

void Take(const pb::MarketFullFeed& from, FullState& state) {
  if (from.has_ltpc()) Take(from.ltpc(), state);
  if (from.has_marketlevel()) {
    state.parts |= kDepth;
    for (const pb::Quote& level : from.marketlevel().bidaskquote()) {
      state.depth.push_back(LevelOf(level));
    }
  }
  if (from.has_optiongreeks()) Take(from.optiongreeks(), state);
  if (from.has_marketohlc()) Take(from.marketohlc(), state);
  state.atp = from.atp();
  state.vtt = from.vtt();
  state.oi = from.oi();
  state.iv = from.iv();
  state.tbq = from.tbq();
  state.tsq = from.tsq();
  state.iep = from.iep();
  state.rp = from.rp();
  state.ieq = from.ieq();
  state.iiq_total = from.iiqtotal();
  state.iiq_market = from.iiqm();
  state.cas_eligible = from.caseligible();
}

void Take(const pb::IndexFullFeed& from, FullState& state) {
  state.index = true;
  if (from.has_ltpc()) Take(from.ltpc(), state);
  if (from.has_marketohlc()) Take(from.marketohlc(), state);
}

void Take(const pb::FirstLevelWithGreeks& from, FullState& state) {
  if (from.has_ltpc()) Take(from.ltpc(), state);
  if (from.has_firstdepth()) {
    state.parts |= kDepth;
    state.depth.push_back(LevelOf(from.firstdepth()));
  }
  if (from.has_optiongreeks()) Take(from.optiongreeks(), state);
  state.vtt = from.vtt();
  state.oi = from.oi();
  state.iv = from.iv();
}

}  // namespace

std::optional<FullState> FeedStateOf(const pb::Feed& feed) {
  FullState state{.parts = 0};
  if (feed.has_ltpc()) {
    Take(feed.ltpc(), state);
  } else if (feed.has_firstlevelwithgreeks()) {
    Take(feed.firstlevelwithgreeks(), state);
  } else if (feed.fullfeed().has_marketff()) {
    Take(feed.fullfeed().marketff(), state);
  } else if (feed.fullfeed().has_indexff()) {
    Take(feed.fullfeed().indexff(), state);
  } else {
    return std::nullopt;
  }
  return state;
}

}  // namespace sauda::sim
