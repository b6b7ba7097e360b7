#include "simulator/src/feed_encoder.hpp"

#include <algorithm>
#include <array>

#include <google/protobuf/arena.h>

#include "libs/base/check.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::sim {
namespace {

namespace pb = com::upstox::marketdatafeederv3udapi::rpc::proto;

constexpr std::array<pb::RequestMode, kFeedModes> kRequestModes = {
    pb::RequestMode::ltpc, pb::RequestMode::option_greeks, pb::RequestMode::full_d5,
    pb::RequestMode::full_d30};

void Fill(const FullState& state, pb::LTPC& out) {
  out.set_ltp(state.ltp);
  out.set_ltt(state.ltt_ms);
  out.set_ltq(state.ltq);
  out.set_cp(state.cp);
  if (state.trade_iep) out.mutable_iep()->set_value(*state.trade_iep);
}

void Fill(const DepthLevel& level, pb::Quote& out) {
  out.set_bidq(level.bid_qty);
  out.set_bidp(level.bid);
  out.set_askq(level.ask_qty);
  out.set_askp(level.ask);
}

void Fill(const Greeks& greeks, pb::OptionGreeks& out) {
  out.set_delta(greeks.delta);
  out.set_theta(greeks.theta);
  out.set_gamma(greeks.gamma);
  out.set_vega(greeks.vega);
  out.set_rho(greeks.rho);
}

void Fill(const std::vector<Bar>& bars, pb::MarketOHLC& out) {
  for (const Bar& bar : bars) {
    pb::OHLC& made = *out.add_ohlc();
    made.set_interval(bar.interval);
    made.set_open(bar.open);
    made.set_high(bar.high);
    made.set_low(bar.low);
    made.set_close(bar.close);
    made.set_vol(bar.volume);
    made.set_ts(bar.start_ms);
  }
}

void FillMarket(const FeedEntry& entry, std::size_t levels, pb::MarketFullFeed& out) {
  const FullState& state = *entry.state;
  if ((entry.parts & kTrade) != 0) Fill(state, *out.mutable_ltpc());
  if ((entry.parts & kDepth) != 0) {
    pb::MarketLevel& book = *out.mutable_marketlevel();
    for (std::size_t i = 0; i < std::min(levels, state.depth.size()); ++i) {
      Fill(state.depth[i], *book.add_bidaskquote());
    }
  }
  if ((entry.parts & kGreeks) != 0) Fill(state.greeks, *out.mutable_optiongreeks());
  if ((entry.parts & kBars) != 0) Fill(state.bars, *out.mutable_marketohlc());
  out.set_atp(state.atp);
  out.set_vtt(state.vtt);
  out.set_oi(state.oi);
  out.set_iv(state.iv);
  out.set_tbq(state.tbq);
  out.set_tsq(state.tsq);
  out.set_iep(state.iep);
  out.set_rp(state.rp);
  out.set_ieq(state.ieq);
  out.set_iiqtotal(state.iiq_total);
  out.set_iiqm(state.iiq_market);
  out.set_caseligible(state.cas_eligible);
}

void FillFull(const FeedEntry& entry, std::size_t levels, pb::FullFeed& out) {
  if (!entry.state->index) {
    FillMarket(entry, levels, *out.mutable_marketff());
    return;
  }
  pb::IndexFullFeed& index = *out.mutable_indexff();
  if ((entry.parts & kTrade) != 0) Fill(*entry.state, *index.mutable_ltpc());
  if ((entry.parts & kBars) != 0) Fill(entry.state->bars, *index.mutable_marketohlc());
}

void FillFirstLevel(const FeedEntry& entry, pb::FirstLevelWithGreeks& out) {
  const FullState& state = *entry.state;
  if ((entry.parts & kTrade) != 0) Fill(state, *out.mutable_ltpc());
  if (state.index) return;
  if ((entry.parts & kDepth) != 0) {
    pb::Quote& first = *out.mutable_firstdepth();
    if (!state.depth.empty()) Fill(state.depth.front(), first);
  }
  if ((entry.parts & kGreeks) != 0) Fill(state.greeks, *out.mutable_optiongreeks());
  out.set_vtt(state.vtt);
  out.set_oi(state.oi);
  out.set_iv(state.iv);
}

void Fill(const FeedEntry& entry, pb::Feed& out) {
  constexpr std::size_t kFullLevels = 5;
  constexpr std::size_t kD30Levels = 30;
  out.set_requestmode(kRequestModes.at(static_cast<std::size_t>(entry.mode)));
  switch (entry.mode) {
    case FeedMode::kLtpc:
      if ((entry.parts & kTrade) != 0) Fill(*entry.state, *out.mutable_ltpc());
      break;
    case FeedMode::kOptionGreeks:
      FillFirstLevel(entry, *out.mutable_firstlevelwithgreeks());
      break;
    case FeedMode::kFull:
      FillFull(entry, kFullLevels, *out.mutable_fullfeed());
      break;
    case FeedMode::kFullD30:
      FillFull(entry, kD30Levels, *out.mutable_fullfeed());
      break;
  }
}

}  // namespace

std::string EncodeFeedFrame(const FeedFrame& frame) {
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<pb::FeedResponse>(&arena);
  message.set_type(static_cast<pb::Type>(frame.type));
  message.set_currentts(frame.current_ms);
  auto& feeds = *message.mutable_feeds();
  for (const FeedEntry& entry : frame.feeds) Fill(entry, feeds[*entry.key]);
  if (frame.market_info != nullptr) {
    auto& statuses = *message.mutable_marketinfo()->mutable_segmentstatus();
    for (std::size_t i = 0; i < kFeedSegments.size(); ++i) {
      statuses[std::string{kFeedSegments[i]}] =
          static_cast<pb::MarketStatus>(frame.market_info->at(i));
    }
  }
  std::string bytes;
  Check(message.SerializeToString(&bytes), "a feed message fits into a string");
  return bytes;
}

}  // namespace sauda::sim
