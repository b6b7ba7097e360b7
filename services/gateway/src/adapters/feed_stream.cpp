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
constexpr std::chrono::milliseconds kFillPause{1'000};  // between two calls for the newest of all
constexpr std::chrono::milliseconds kListPause{5'000};  // between two looks at the subscriptions
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
    if (tick.last().has_indicative_price()) {
      quote.last->indicative_price = tick.last().indicative_price();
    }
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
    for (auto* const call : calls_) call->TryCancel();
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

/// A call that Stop ends.
class FeedStream::Call {
 public:
  Call(FeedStream& owner, const std::stop_token& stop) : owner_{owner} {
    const std::lock_guard lock{owner_.mutex_};
    owner_.calls_.insert(&context_);
    if (stop.stop_requested()) context_.TryCancel();
  }
  ~Call() {
    const std::lock_guard lock{owner_.mutex_};
    owner_.calls_.erase(&context_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  grpc::ClientContext& context() { return context_; }

 private:
  FeedStream& owner_;
  grpc::ClientContext context_;
};

Error FeedStream::Follow(const std::stop_token& stop) {
  Call call{*this, stop};
  rpc::SetRequestId(call.context(), rpc::NewRequestId());
  const auto stub = FeedService::NewStub(channel_);
  const auto stream = stub->StreamTicks(&call.context());
  feed::v1alpha1::StreamTicksRequest request;
  request.set_follow_all(true);
  request.set_policy(feed::v1alpha1::OVERFLOW_POLICY_DROP_OLDEST);
  request.set_buffer_ticks(kBufferTicks);
  (void)stream->Write(request);

  losses_.Begin();
  gap_ = false;  // the stream begins with the newest of every key
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
      list_is_old_ = true;
      dependencies_.Up("feed");
    }
    Take(*batch);
    arena.Reset();
    batch = google::protobuf::Arena::CreateMessage<TickBatch>(&arena);
  }
  return rpc::FromStatus(stream->Finish());
}

void FeedStream::Take(const TickBatch& batch) {
  std::uint64_t lost = losses_.Batch(batch.instance(), batch.dropped() + batch.conflated());
  for (const auto& tick : batch.ticks()) lost += losses_.Tick(tick.seq(), tick.snapshot());
  if (lost > 0) {
    metrics_.lost.Increment(static_cast<double>(lost));
    hub_.Lost(lost);
  }
  for (const auto& tick : batch.ticks()) (void)hub_.Publish(FromProto(tick));
  metrics_.ticks.Increment(batch.ticks_size());
  if (batch.dropped() > 0) gap_ = true;  // now that the stream is past what was dropped
}

void FeedStream::FillGap(const std::stop_token& stop) {
  // What was dropped may have been the newest of a key that does not tick again for long.
  gap_ = false;
  Call call{*this, stop};
  rpc::Prepare(call.context(), kCallLimit, rpc::NewRequestId());
  feed::v1alpha1::GetLatestResponse latest;
  const auto status = FeedService::NewStub(channel_)->GetLatest(&call.context(), {}, &latest);
  if (!status.ok()) {
    gap_ = true;
    spdlog::warn("gap not filled reason={}", rpc::FromStatus(status).reason);
    return;
  }
  std::vector<Quote> quotes;
  quotes.reserve(static_cast<std::size_t>(latest.ticks_size()));
  for (const auto& tick : latest.ticks()) quotes.push_back(FromProto(tick));
  (void)hub_.Fill(latest.instance(), std::move(quotes));
}

void FeedStream::KeepHouse(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  auto next_beat = Clock::now() + heartbeat_;
  auto next_fill = Clock::now();
  auto next_list = Clock::now();
  std::vector<std::string> unknown;  // keys that the last list did not tell the kind of
  while (Sleep(stop, std::min(kHousePause, heartbeat_))) {
    metrics_.streams.Set(static_cast<double>(hub_.listeners()));
    if (gap_ && Clock::now() >= next_fill) {
      FillGap(stop);
      next_fill = Clock::now() + kFillPause;
    }
    if (list_is_old_ || Clock::now() >= next_list || hub_.KeysWithoutKind() != unknown) {
      ReadList(stop);
      next_list = Clock::now() + kListPause;
      unknown = hub_.KeysWithoutKind();
    }
    if (Clock::now() < next_beat) continue;
    hub_.Heartbeat();
    next_beat += heartbeat_;
  }
}

void FeedStream::ReadList(const std::stop_token& stop) {
  list_is_old_ = false;
  const std::uint64_t asked_at = hub_.updates();
  Call call{*this, stop};
  rpc::Prepare(call.context(), kCallLimit, rpc::NewRequestId());
  feed::v1alpha1::ListSubscriptionsResponse response;
  const auto status =
      FeedService::NewStub(channel_)->ListSubscriptions(&call.context(), {}, &response);
  if (!status.ok()) {
    spdlog::debug("subscriptions not read reason={}", rpc::FromStatus(status).reason);
    return;
  }
  std::vector<Subscribed> list;
  list.reserve(static_cast<std::size_t>(response.subscriptions_size()));
  for (const auto& each : response.subscriptions()) {
    list.push_back({each.instrument_key(), static_cast<Kind>(each.kind())});
  }
  hub_.Reconcile(list, asked_at);
}

}  // namespace sauda::gateway
