#include "services/gateway/src/adapters/feed_stream.hpp"

#include <google/protobuf/arena.h>

#include "libs/base/backoff.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::gateway {
namespace {

using feed::v1alpha1::FeedService;
using feed::v1alpha1::Tick;
using feed::v1alpha1::TickBatch;

constexpr std::uint32_t kBufferTicks = 65'536;
constexpr std::chrono::milliseconds kHousePause{500};
constexpr std::chrono::milliseconds kCallLimit{5'000};
const Backoff::Limits kPauses{.first = std::chrono::milliseconds{100},
                              .most = std::chrono::milliseconds{2'000}};

const char* ModeName(feed::v1alpha1::Mode mode) {
  switch (mode) {
    case feed::v1alpha1::MODE_LTPC:
      return "ltpc";
    case feed::v1alpha1::MODE_OPTION_GREEKS:
      return "option_greeks";
    case feed::v1alpha1::MODE_FULL:
      return "full";
    case feed::v1alpha1::MODE_FULL_D30:
      return "full_d30";
    default:
      return "unknown";
  }
}

/// LIVE, QUIET, …: the proto's name without its prefix.
std::string StateName(feed::v1alpha1::ConnectionState state) {
  const std::string name = feed::v1alpha1::ConnectionState_Name(state);
  constexpr std::string_view kPrefix = "CONNECTION_STATE_";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : "UNKNOWN";
}

bool IsStale(feed::v1alpha1::ConnectionState state) {
  return state != feed::v1alpha1::CONNECTION_STATE_LIVE &&
         state != feed::v1alpha1::CONNECTION_STATE_QUIET;
}

Quote FromProto(const Tick& tick) {
  Quote quote{.key = tick.instrument_key(),
              .instrument_id = tick.instrument_id(),
              .seq = tick.seq(),
              .received_ns = tick.received_ns(),
              .broker_ms = tick.broker_ms(),
              .mode = ModeName(tick.mode()),
              .broker_snapshot = tick.broker_snapshot(),
              .simulated = tick.simulated(),
              .average_price = tick.average_price(),
              .volume = tick.volume(),
              .open_interest = tick.open_interest(),
              .implied_volatility = tick.implied_volatility(),
              .total_buy_quantity = tick.total_buy_quantity(),
              .total_sell_quantity = tick.total_sell_quantity()};
  if (tick.has_last()) {
    quote.last = {tick.last().price(), tick.last().time_ms(), tick.last().quantity(),
                  tick.last().previous_close()};
  }
  quote.depth.reserve(static_cast<std::size_t>(tick.depth_size()));
  for (const auto& level : tick.depth()) {
    quote.depth.push_back(
        {level.bid_quantity(), level.bid_price(), level.ask_quantity(), level.ask_price()});
  }
  if (tick.has_greeks()) {
    quote.greeks = {tick.greeks().delta(), tick.greeks().theta(), tick.greeks().gamma(),
                    tick.greeks().vega(), tick.greeks().rho()};
  }
  for (const auto& bar : tick.bars()) {
    quote.bars.push_back({bar.interval(), bar.open(), bar.high(), bar.low(), bar.close(),
                          bar.volume(), bar.start_ms()});
  }
  if (tick.has_auction()) {
    const auto& auction = tick.auction();
    quote.auction = {auction.equilibrium_price(),         auction.reference_price(),
                     auction.equilibrium_quantity(),      auction.imbalance_quantity(),
                     auction.market_imbalance_quantity(), auction.closing_auction_eligible()};
  }
  return quote;
}

}  // namespace

FeedStream::FeedStream(std::shared_ptr<grpc::Channel> channel, Hub& hub, Metrics& metrics,
                       telemetry::Dependencies& dependencies, std::chrono::milliseconds heartbeat)
    : channel_{std::move(channel)},
      hub_{hub},
      metrics_{metrics},
      dependencies_{dependencies},
      heartbeat_{heartbeat},
      house_{[this](const std::stop_token& stop) { KeepHouse(stop); }},
      thread_{[this](const std::stop_token& stop) { Run(stop); }} {}

FeedStream::~FeedStream() { Stop(); }

void FeedStream::Stop() {
  house_.request_stop();
  thread_.request_stop();
  {
    const std::lock_guard lock{mutex_};
    if (open_ != nullptr) open_->TryCancel();
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (house_.joinable()) house_.join();
}

bool FeedStream::Sleep(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  (void)stopping_.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

void FeedStream::Run(const std::stop_token& stop) {
  Backoff backoff{kPauses};
  while (!stop.stop_requested()) {
    if (!Sleep(stop, backoff.Next())) return;
    const auto updates = hub_.updates();
    const Error why = Follow(stop);
    if (hub_.updates() != updates) backoff.Reset();
    hub_.SetState({.connection = "FEED_DOWN", .stale = true});
    if (stop.stop_requested()) return;
    dependencies_.Down("feed", why.reason + ": " + why.message);
    metrics_.feed_reconnects.Increment();
  }
}

Error FeedStream::Follow(const std::stop_token& stop) {
  grpc::ClientContext context;
  {
    const std::lock_guard lock{mutex_};
    open_ = &context;
    if (stop.stop_requested()) context.TryCancel();
  }
  rpc::SetRequestId(context, rpc::NewRequestId());
  const auto stub = FeedService::NewStub(channel_);
  const auto stream = stub->StreamTicks(&context);
  feed::v1alpha1::StreamTicksRequest request;
  request.set_follow_all(true);
  request.set_policy(feed::v1alpha1::OVERFLOW_POLICY_DROP_OLDEST);
  request.set_buffer_ticks(kBufferTicks);
  (void)stream->Write(request);

  std::string instance;
  google::protobuf::Arena arena;
  for (auto* batch = google::protobuf::Arena::CreateMessage<TickBatch>(&arena);
       stream->Read(batch);) {
    if (batch->has_connection() || instance != batch->instance()) {
      instance = batch->instance();
      const bool stale = batch->has_connection() ? IsStale(batch->connection()) : false;
      hub_.SetState(
          {.instance = instance,
           .connection = batch->has_connection() ? StateName(batch->connection()) : "LIVE",
           .stale = stale});
      dependencies_.Up("feed");
    }
    const auto missed = batch->dropped() + batch->conflated();
    if (missed > 0) {
      metrics_.lost.Increment(static_cast<double>(missed));
      hub_.Lost(missed);
    }
    std::uint64_t overtaken = 0;
    for (const auto& tick : batch->ticks()) {
      if (!hub_.Publish(FromProto(tick)) && !tick.snapshot()) ++overtaken;
    }
    if (overtaken > 0) hub_.Lost(overtaken);
    metrics_.ticks.Increment(batch->ticks_size());
    if (batch->dropped() > 0) FillGap(*stub);
    arena.Reset();
    batch = google::protobuf::Arena::CreateMessage<TickBatch>(&arena);
  }
  {
    const std::lock_guard lock{mutex_};
    open_ = nullptr;
  }
  return rpc::FromStatus(stream->Finish());
}

void FeedStream::FillGap(feed::v1alpha1::FeedService::Stub& stub) {
  // What was dropped may have been the newest of a key that does not tick again for long.
  grpc::ClientContext context;
  rpc::Prepare(context, kCallLimit, rpc::NewRequestId());
  feed::v1alpha1::GetLatestResponse latest;
  const auto status = stub.GetLatest(&context, {}, &latest);
  if (!status.ok()) {
    spdlog::warn("gap not filled reason={}", rpc::FromStatus(status).reason);
    return;
  }
  for (const auto& tick : latest.ticks()) (void)hub_.Publish(FromProto(tick));
}

void FeedStream::KeepHouse(const std::stop_token& stop) {
  auto next_beat = std::chrono::steady_clock::now() + heartbeat_;
  while (Sleep(stop, std::min(kHousePause, heartbeat_))) {
    metrics_.streams.Set(static_cast<double>(hub_.listeners()));
    if (!hub_.KeysWithoutKind().empty()) LearnKinds();
    if (std::chrono::steady_clock::now() < next_beat) continue;
    hub_.Heartbeat();
    next_beat += heartbeat_;
  }
}

void FeedStream::LearnKinds() {
  grpc::ClientContext context;
  rpc::Prepare(context, kCallLimit, rpc::NewRequestId());
  feed::v1alpha1::ListSubscriptionsResponse response;
  const auto status = FeedService::NewStub(channel_)->ListSubscriptions(&context, {}, &response);
  if (!status.ok()) {
    spdlog::debug("kinds not learnt reason={}", rpc::FromStatus(status).reason);
    return;
  }
  for (const auto& each : response.subscriptions()) {
    hub_.SetKind(each.instrument_key(), static_cast<Kind>(each.kind()));
  }
}

}  // namespace sauda::gateway
