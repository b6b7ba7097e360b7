#include "services/feed/src/adapters/upstox_decoder.hpp"

#include <array>
#include <limits>
#include <optional>

#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>

#include "upstox/ordered_frame.pb.h"

namespace sauda::feed {
namespace {

namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;

LastTrade From(const wire::LTPC& in) {
  LastTrade out{
      .price = in.ltp(), .time_ms = in.ltt(), .quantity = in.ltq(), .previous_close = in.cp()};
  if (in.has_iep()) out.indicative_price = in.iep().value();
  return out;
}

DepthLevel From(const wire::Quote& in) {
  return {.bid_quantity = in.bidq(),
          .bid_price = in.bidp(),
          .ask_quantity = in.askq(),
          .ask_price = in.askp()};
}

Greeks From(const wire::OptionGreeks& in) {
  return {.delta = in.delta(),
          .theta = in.theta(),
          .gamma = in.gamma(),
          .vega = in.vega(),
          .rho = in.rho()};
}

void Take(const wire::MarketOHLC& in, Delta& delta) {
  delta.has_bars = true;
  for (const wire::OHLC& bar : in.ohlc()) {
    delta.bars.push_back({.interval = bar.interval(),
                          .open = bar.open(),
                          .high = bar.high(),
                          .low = bar.low(),
                          .close = bar.close(),
                          .volume = bar.vol(),
                          .start_ms = bar.ts()});
  }
}

void Take(const wire::MarketFullFeed& in, Delta& delta) {
  delta.form = Form::kMarketFull;
  if (in.has_ltpc()) delta.last = From(in.ltpc());
  if (in.has_marketlevel()) {
    delta.has_depth = true;
    for (const wire::Quote& level : in.marketlevel().bidaskquote()) {
      delta.depth.push_back(From(level));
    }
  }
  if (in.has_optiongreeks()) delta.greeks = From(in.optiongreeks());
  if (in.has_marketohlc()) Take(in.marketohlc(), delta);
  delta.totals = {.average_price = in.atp(),
                  .volume = in.vtt(),
                  .open_interest = in.oi(),
                  .implied_volatility = in.iv(),
                  .total_buy_quantity = in.tbq(),
                  .total_sell_quantity = in.tsq()};
  delta.auction = {.equilibrium_price = in.iep(),
                   .reference_price = in.rp(),
                   .equilibrium_quantity = in.ieq(),
                   .imbalance_quantity = in.iiqtotal(),
                   .market_imbalance_quantity = in.iiqm(),
                   .closing_auction_eligible = in.caseligible()};
}

void Take(const wire::IndexFullFeed& in, Delta& delta) {
  delta.form = Form::kIndexFull;
  if (in.has_ltpc()) delta.last = From(in.ltpc());
  if (in.has_marketohlc()) Take(in.marketohlc(), delta);
}

void Take(const wire::FirstLevelWithGreeks& in, Delta& delta) {
  delta.form = Form::kFirstLevel;
  if (in.has_ltpc()) delta.last = From(in.ltpc());
  if (in.has_firstdepth()) {
    delta.has_depth = true;
    delta.depth.push_back(From(in.firstdepth()));
  }
  if (in.has_optiongreeks()) delta.greeks = From(in.optiongreeks());
  delta.totals = {.volume = in.vtt(), .open_interest = in.oi(), .implied_volatility = in.iv()};
}

void Clear(Delta& delta) {
  delta.last.reset();
  delta.has_depth = false;
  delta.depth.clear();
  delta.greeks.reset();
  delta.has_bars = false;
  delta.bars.clear();
  delta.totals = {};
  delta.auction = {};
}

// The form says more than `requestMode`, whose zero is LTPC and is not on the wire. False: the
// entry says nothing.
bool Take(const wire::Feed& in, Delta& delta) {
  switch (in.FeedUnion_case()) {
    case wire::Feed::kLtpc:
      delta.form = Form::kLtpc;
      delta.mode = Mode::kLtpc;
      delta.last = From(in.ltpc());
      return true;
    case wire::Feed::kFirstLevelWithGreeks:
      delta.mode = Mode::kOptionGreeks;
      Take(in.firstlevelwithgreeks(), delta);
      return true;
    case wire::Feed::kFullFeed:
      delta.mode = in.requestmode() == wire::full_d30 ? Mode::kFullD30 : Mode::kFull;
      if (in.fullfeed().has_marketff()) {
        Take(in.fullfeed().marketff(), delta);
        return true;
      }
      if (in.fullfeed().has_indexff()) {
        Take(in.fullfeed().indexff(), delta);
        return true;
      }
      return false;
    case wire::Feed::FEEDUNION_NOT_SET:
      return false;
  }
  return false;
}

Error Refused(const char* reason, const char* message) {
  return {Code::kInvalidArgument, reason, message};
}

Result<FrameHead> HeadOf(const wire::OrderedFeedResponse& frame) {
  FrameHead head{.broker_ms = frame.currentts()};
  switch (frame.type()) {
    case wire::initial_feed:
      head.type = FrameType::kInitial;
      break;
    case wire::live_feed:
      head.type = FrameType::kLive;
      break;
    case wire::market_info:
      head.type = FrameType::kMarketInfo;
      break;
    default:
      return Refused("FRAME_MALFORMED", "the frame is of no known type");
  }
  for (const auto& [segment, status] : frame.marketinfo().segmentstatus()) {
    const std::string& name = wire::MarketStatus_Name(status);
    head.segments[segment] = name.empty() ? "STATUS_" + std::to_string(status) : name;
  }
  if (frame.feeds().empty() && head.segments.empty()) {
    return Refused("FRAME_POINTLESS", "neither instruments nor a market status in it");
  }
  return head;
}

}  // namespace

struct UpstoxDecoder::Memory {
  static constexpr std::size_t kFirstBlock = std::size_t{256} * 1024;
  std::array<char, kFirstBlock> block{};
  Delta delta;
};

UpstoxDecoder::UpstoxDecoder() : memory_{std::make_unique<Memory>()} {
  // protobuf writes a line of its own, unbounded, for each frame that it refuses; ours are counted
  google::protobuf::SetLogHandler(nullptr);
}
UpstoxDecoder::~UpstoxDecoder() = default;

Result<FrameHead> UpstoxDecoder::Decode(std::string_view bytes, DeltaSink& sink) {
  if (bytes.empty()) return Refused("FRAME_EMPTY", "no bytes in it");
  google::protobuf::ArenaOptions options;
  options.initial_block = memory_->block.data();
  options.initial_block_size = memory_->block.size();
  google::protobuf::Arena arena{options};
  auto* const frame = google::protobuf::Arena::CreateMessage<wire::OrderedFeedResponse>(&arena);
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      !frame->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Refused("FRAME_MALFORMED", "not the broker's schema, or cut short");
  }
  auto head = HeadOf(*frame);
  if (!head) return head;
  sink.OnHead(*head);
  Delta& delta = memory_->delta;
  delta.snapshot = head->type == FrameType::kInitial;
  for (const wire::FeedEntry& entry : frame->feeds()) {
    Clear(delta);
    delta.key = entry.key();
    if (!Take(entry.value(), delta)) {
      ++head->empty_entries;
      continue;
    }
    ++head->instruments;
    sink.OnDelta(delta);
  }
  return head;
}

}  // namespace sauda::feed
