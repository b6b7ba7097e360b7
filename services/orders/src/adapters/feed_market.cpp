#include "services/orders/src/adapters/feed_market.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/base/backoff.hpp"
#include "libs/base/decimal_rounding.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"

namespace sauda::orders {
namespace {

namespace pb = feed::v1alpha1;
using std::chrono::milliseconds;

constexpr auto kName = "feed";
constexpr std::string_view kOpenWord = "NORMAL_OPEN";
constexpr std::chrono::seconds kLookEvery{2};
constexpr milliseconds kStatusDeadline{2'000};

/// Absent when it is no price.
std::optional<Decimal> ToPrice(double price) {
  const auto rounded = RoundedDecimal(price);
  if (!rounded || *rounded <= Decimal{}) return std::nullopt;
  return *rounded;
}

void AddLevel(std::vector<exchange::Level>& levels, double price, std::int64_t quantity) {
  const auto rounded = ToPrice(price);
  if (rounded && quantity > 0) levels.push_back({.price = *rounded, .quantity = quantity});
}

}  // namespace

exchange::Depth DepthOf(const pb::Tick& tick) {
  exchange::Depth depth;
  for (const pb::DepthLevel& level : tick.depth()) {
    AddLevel(depth.bids, level.bid_price(), level.bid_quantity());
    AddLevel(depth.asks, level.ask_price(), level.ask_quantity());
  }
  if (tick.has_last()) depth.last_price = ToPrice(tick.last().price());
  depth.sequence = exchange::NumberOf(depth);
  return depth;
}

FeedMarket::FeedMarket(std::shared_ptr<grpc::Channel> channel, const Clock& clock,
                       MarketClock& market_clock, telemetry::Dependencies& dependencies,
                       Options options)
    : channel_{std::move(channel)},
      clock_{clock},
      market_clock_{market_clock},
      dependencies_{dependencies},
      options_{std::move(options)} {}

FeedMarket::~FeedMarket() {
  thread_.request_stop();
  const std::lock_guard lock{mutex_};
  if (context_ != nullptr) context_->TryCancel();
  changed_.notify_all();
}

void FeedMarket::Start(OnDepth on_depth, std::function<void()> on_lost, OnSegment on_segment) {
  on_depth_ = std::move(on_depth);
  on_lost_ = std::move(on_lost);
  on_segment_ = std::move(on_segment);
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

void FeedMarket::Follow(const std::string& instrument_key) {
  const std::lock_guard lock{mutex_};
  ++wanted_[instrument_key].followers;
  changed_.notify_all();
}

void FeedMarket::Release(const std::string& instrument_key) {
  const std::lock_guard lock{mutex_};
  const auto found = wanted_.find(instrument_key);
  if (found != wanted_.end() && found->second.followers > 0) --found->second.followers;
}

Result<exchange::Depth> FeedMarket::Latest(const std::string& instrument_key) {
  std::unique_lock lock{mutex_};
  wanted_[instrument_key].asked_at = clock_.Now();
  changed_.notify_all();
  const bool there = changed_.wait_for(lock, options_.first_tick_limit,
                                       [&] { return live_ && newest_.contains(instrument_key); });
  if (there) return newest_.at(instrument_key);
  return Error{Code::kUnavailable, "FEED_DOWN",
               live_ ? "no tick of " + instrument_key + " came within " +
                           std::to_string(options_.first_tick_limit.count()) + " ms"
                     : "there is no live price of " + instrument_key + ": " + why_not_};
}

std::optional<exchange::Depth> FeedMarket::Newest(const std::string& instrument_key) {
  const std::lock_guard lock{mutex_};
  const auto found = newest_.find(instrument_key);
  if (!live_ || found == newest_.end()) return std::nullopt;
  return found->second;
}

std::set<std::string> FeedMarket::WantedNow() {
  const Monotonic now = clock_.Now();
  std::set<std::string> keys;
  std::erase_if(wanted_, [&](const auto& entry) {
    const auto& [key, wanted] = entry;
    const bool over = wanted.followers == 0 && now - wanted.asked_at > options_.keep;
    if (!over) keys.insert(key);
    return over;
  });
  return keys;
}

void FeedMarket::Run(const std::stop_token& stop) {
  Backoff backoff{{.first = milliseconds{200}, .most = milliseconds{5'000}}};
  while (!stop.stop_requested()) {
    AskTheTime();
    {
      std::unique_lock lock{mutex_};
      if (wanted_.empty()) {
        changed_.wait_for(lock, stop, kLookEvery, [this] { return !wanted_.empty(); });
        continue;
      }
      changed_.wait_for(lock, stop, backoff.Next(), [] { return false; });
    }
    const Monotonic began = clock_.Now();
    if (!stop.stop_requested()) Stream(stop);
    if (clock_.Now() - began > std::chrono::seconds{10}) backoff.Reset();
  }
}

void FeedMarket::AskTheTime() {
  grpc::ClientContext context;
  rpc::Prepare(context, kStatusDeadline, rpc::NewRequestId());
  pb::GetStatusRequest request;
  request.set_account_id(options_.account_id);
  pb::FeedStatus status;
  const auto asked = pb::FeedService::NewStub(channel_)->GetStatus(&context, request, &status);
  if (asked.ok()) {
    dependencies_.Up(kName);
    if (status.market_ms() > 0) market_clock_.Observe(status.market_ms());
    for (const auto& [segment, word] : status.segment_status()) {
      on_segment_(segment, word == kOpenWord);
    }
    return;
  }
  const Error error = rpc::FromStatus(asked);
  dependencies_.Down(kName, error.reason + ": " + error.message);
  const std::lock_guard lock{mutex_};
  why_not_ = "the feed service does not answer: " + error.message;
}

void FeedMarket::Stream(const std::stop_token& stop) {
  grpc::ClientContext context;
  rpc::SetRequestId(context, rpc::NewRequestId());
  const auto stub = pb::FeedService::NewStub(channel_);
  const auto stream = stub->StreamTicks(&context);
  std::set<std::string> asked;
  pb::StreamTicksRequest opening;
  opening.set_account_id(options_.account_id);
  opening.set_mode(pb::MODE_FULL);
  opening.set_policy(pb::OVERFLOW_POLICY_CONFLATE);
  {
    const std::lock_guard lock{mutex_};
    asked = WantedNow();
    if (asked.empty() || stop.stop_requested()) {
      context.TryCancel();
    } else {
      context_ = &context;
    }
    stream_ended_ = false;
    newest_.clear();
  }
  for (const std::string& key : asked) opening.add_add(key);
  (void)stream->Write(opening);  // a failure shows in Read and Finish
  std::thread reader{[&] {
    for (pb::TickBatch batch; stream->Read(&batch);) Take(batch);
    const std::lock_guard lock{mutex_};
    stream_ended_ = true;
    changed_.notify_all();
  }};
  for (auto last_asked = clock_.Now();;) {
    pb::StreamTicksRequest change;
    {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, kLookEvery, [&] { return stream_ended_ || WantedNow() != asked; });
      if (stream_ended_) break;
      const std::set<std::string> now = WantedNow();
      std::set_difference(now.begin(), now.end(), asked.begin(), asked.end(),
                          google::protobuf::RepeatedFieldBackInserter(change.mutable_add()));
      std::set_difference(asked.begin(), asked.end(), now.begin(), now.end(),
                          google::protobuf::RepeatedFieldBackInserter(change.mutable_remove()));
      for (const std::string& gone : change.remove()) newest_.erase(gone);
      asked = now;
    }
    change.set_mode(pb::MODE_FULL);
    if (change.add_size() + change.remove_size() > 0) (void)stream->Write(change);
    if (clock_.Now() - last_asked >= kLookEvery) {
      AskTheTime();
      last_asked = clock_.Now();
    }
  }
  reader.join();
  const Error error = rpc::FromStatus(stream->Finish());
  {
    const std::lock_guard lock{mutex_};
    context_ = nullptr;
  }
  SetLive(false, "the feed ended its stream: " + error.reason + ": " + error.message);
}

void FeedMarket::SetLive(bool live, std::string why_not) {
  bool lost = false;
  std::map<std::string, exchange::Depth> came;  // while it was not known to be live again
  {
    const std::lock_guard lock{mutex_};
    lost = live_ && !live;
    if (live && !live_) came = newest_;
    live_ = live;
    why_not_ = std::move(why_not);
    if (!live) newest_.clear();
    if (lost) lost_ns_ = clock_.UtcNs();
    changed_.notify_all();
  }
  if (lost) on_lost_();
  for (const auto& [key, depth] : came) on_depth_(key, depth);
}

void FeedMarket::Take(const pb::TickBatch& batch) {
  if (batch.has_connection()) {
    const bool live = batch.connection() == pb::CONNECTION_STATE_LIVE ||
                      batch.connection() == pb::CONNECTION_STATE_QUIET;
    SetLive(live, "the feed's connection to the broker is " +
                      pb::ConnectionState_Name(batch.connection()));
  }
  for (const pb::Tick& tick : batch.ticks()) TakeTick(tick);
}

void FeedMarket::TakeTick(const pb::Tick& tick) {
  const exchange::Depth depth = DepthOf(tick);
  bool live = false;
  {
    const std::lock_guard lock{mutex_};
    // What waited when the connection broke, and what the feed sends again of a key that is added.
    const bool old = tick.received_ns() < lost_ns_ && (tick.snapshot() || !live_);
    if (old) return;
    newest_[tick.instrument_key()] = depth;
    live = live_;
    changed_.notify_all();
  }
  if (live) on_depth_(tick.instrument_key(), depth);  // a stale price fills nothing
}

}  // namespace sauda::orders
