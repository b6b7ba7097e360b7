#include "services/orders/src/adapters/feed_prices.hpp"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/base/backoff.hpp"
#include "libs/base/decimal_rounding.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/log.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"

namespace sauda::orders {
namespace {

namespace pb = feed::v1alpha1;
using std::chrono::milliseconds;

/// Absent when it is no price.
std::optional<Decimal> PriceOf(double price) {
  const auto rounded = RoundedDecimal(price);
  if (!rounded || *rounded <= Decimal{}) return std::nullopt;
  return *rounded;
}

}  // namespace

FeedPrices::FeedPrices(std::shared_ptr<grpc::Channel> channel, const Clock& clock,
                       std::string account_id)
    : channel_{std::move(channel)}, clock_{clock}, account_id_{std::move(account_id)} {}

FeedPrices::~FeedPrices() {
  thread_.request_stop();
  const std::lock_guard lock{mutex_};
  if (context_ != nullptr) context_->TryCancel();
  changed_.notify_all();
}

void FeedPrices::Start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

void FeedPrices::Follow(const std::set<std::string>& keys) {
  const std::lock_guard lock{mutex_};
  if (keys == wanted_) return;
  wanted_ = keys;
  unknown_.clear();
  again_ = true;
  if (context_ != nullptr) context_->TryCancel();
  changed_.notify_all();
}

std::optional<LivePrice> FeedPrices::Of(const std::string& key) {
  const std::lock_guard lock{mutex_};
  const auto found = prices_.find(key);
  if (!live_ || found == prices_.end()) return std::nullopt;
  LivePrice price = found->second.price;
  const std::chrono::nanoseconds age{clock_.UtcNs() - found->second.received_ns};
  price.age = std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(age));
  return price;
}

void FeedPrices::Run(const std::stop_token& stop) {
  Backoff backoff{{.first = milliseconds{200}, .most = milliseconds{5'000}}};
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock{mutex_};
      const auto some = [this] { return wanted_.size() > unknown_.size(); };
      if (!changed_.wait(lock, stop, some)) return;
      if (std::exchange(again_, false)) backoff.Reset();
      changed_.wait_for(lock, stop, backoff.Next(), [this] { return again_; });
    }
    const Monotonic began = clock_.Now();
    if (!stop.stop_requested()) Stream(stop);
    if (clock_.Now() - began > std::chrono::seconds{10}) backoff.Reset();
  }
}

void FeedPrices::Stream(const std::stop_token& stop) {
  grpc::ClientContext context;
  rpc::SetRequestId(context, rpc::NewRequestId());
  pb::StreamTicksRequest opening;
  opening.set_account_id(account_id_);
  opening.set_mode(pb::MODE_LTPC);
  opening.set_policy(pb::OVERFLOW_POLICY_CONFLATE);
  {
    const std::lock_guard lock{mutex_};
    if (stop.stop_requested() || wanted_.empty()) return;
    context_ = &context;
    again_ = false;
    prices_.clear();
    for (const std::string& key : wanted_) {
      const bool room = opening.add_size() < static_cast<int>(kMostKeys);
      if (room && !unknown_.contains(key)) opening.add_add(key);
    }
  }
  const auto stub = pb::FeedService::NewStub(channel_);
  const auto stream = stub->StreamTicks(&context);
  (void)stream->Write(opening);  // a failure shows in Read and Finish
  for (pb::TickBatch batch; stream->Read(&batch);) Take(batch);
  const Error why = rpc::FromStatus(stream->Finish());
  const std::lock_guard lock{mutex_};
  context_ = nullptr;
  live_ = false;
  if (why.reason == "INSTRUMENT_UNKNOWN" && LeaveOut(why.message)) again_ = true;
  if (!again_ && !stop.stop_requested()) {
    spdlog::warn("prices of what is held are away reason={} message={}", why.reason,
                 telemetry::Quoted(why.message));
  }
}

bool FeedPrices::LeaveOut(const std::string& message) {
  const std::string* named = nullptr;  // the longest, should one key end like another
  for (const std::string& key : wanted_) {
    const bool ends = message.ends_with(key) && !unknown_.contains(key);
    if (ends && (named == nullptr || named->size() < key.size())) named = &key;
  }
  if (named == nullptr) return false;
  unknown_.insert(*named);
  spdlog::warn("the feed does not know what is held key={}", telemetry::Quoted(*named));
  return true;
}

void FeedPrices::Take(const pb::TickBatch& batch) {
  const std::lock_guard lock{mutex_};
  if (batch.has_connection()) {
    live_ = batch.connection() == pb::CONNECTION_STATE_LIVE ||
            batch.connection() == pb::CONNECTION_STATE_QUIET;
  }
  for (const pb::Tick& tick : batch.ticks()) TakeTick(tick);
}

void FeedPrices::TakeTick(const pb::Tick& tick) {
  if (!tick.has_last()) return;
  const auto price = PriceOf(tick.last().price());
  if (!price) return;
  prices_[tick.instrument_key()] = {
      .price = {.price = *price, .close = PriceOf(tick.last().previous_close())},
      .received_ns = tick.received_ns()};
}

}  // namespace sauda::orders
