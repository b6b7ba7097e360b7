#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "libs/base/result.hpp"
#include "libs/rpc/request_id.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/auth/v1alpha1/account.grpc.pb.h"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "sauda/instruments/v1alpha1/calendar.grpc.pb.h"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"

namespace sauda::gateway {

/// Auth that knows one state and one code.
class FakeAuth final : public auth::v1alpha1::AuthService::Service {
 public:
  grpc::Status BeginLogin(grpc::ServerContext* context, const auth::v1alpha1::BeginLoginRequest*,
                          auth::v1alpha1::BeginLoginResponse* out) override {
    request_id = rpc::RequestIdOf(*context);
    out->set_login_url("https://broker.example/dialog?state=s1");
    return grpc::Status::OK;
  }
  grpc::Status CompleteLogin(grpc::ServerContext*,
                             const auth::v1alpha1::CompleteLoginRequest* request,
                             auth::v1alpha1::TokenStatus* out) override {
    if (request->state() != "s1" || request->code() != "c1") {
      return rpc::ToStatus({Code::kUnauthenticated, "STATE_UNKNOWN", "log in again"}, "auth.sauda");
    }
    return Show(out);
  }
  grpc::Status GetStatus(grpc::ServerContext*, const auth::v1alpha1::GetStatusRequest*,
                         auth::v1alpha1::TokenStatus* out) override {
    return Show(out);
  }

  grpc::Status RequestApproval(grpc::ServerContext*,
                               const auth::v1alpha1::RequestApprovalRequest* request,
                               auth::v1alpha1::RequestApprovalResponse* out) override {
    out->set_account_id(request->account_id());
    out->set_expires_ms(1'765'836'000'000);
    out->set_pending_before(!request->again());
    return grpc::Status::OK;
  }
  grpc::Status DeliverToken(grpc::ServerContext*,
                            const auth::v1alpha1::DeliverTokenRequest* request,
                            auth::v1alpha1::TokenStatus* out) override {
    delivered = *request;
    if (request->notifier_key() != "unguessable") {
      return rpc::ToStatus({Code::kNotFound, "NOTIFIER_UNKNOWN", "no such path"}, "auth.sauda");
    }
    return Show(out);
  }
  grpc::Status SubmitToken(grpc::ServerContext*, const auth::v1alpha1::SubmitTokenRequest* request,
                           auth::v1alpha1::TokenStatus* out) override {
    submitted = *request;
    return Show(out);
  }

  std::string request_id;
  auth::v1alpha1::DeliverTokenRequest delivered;
  auth::v1alpha1::SubmitTokenRequest submitted;

 private:
  static grpc::Status Show(auth::v1alpha1::TokenStatus* out) {
    out->set_account_id("main");
    out->set_state(auth::v1alpha1::LOGIN_STATE_LOGGED_IN);
    out->set_kind(auth::v1alpha1::TOKEN_KIND_ACCESS);
    out->set_seconds_to_expiry(3'600);
    out->set_simulated(true);
    return grpc::Status::OK;
  }
};

/// An account with something of everything.
class FakeAccount final : public auth::v1alpha1::AccountService::Service {
 public:
  grpc::Status GetProfile(grpc::ServerContext*, const auth::v1alpha1::GetProfileRequest* request,
                          auth::v1alpha1::Profile* out) override {
    if (request->account_id() == "out") {
      return rpc::ToStatus({Code::kUnauthenticated, "TOKEN_MISSING", "log in"}, "auth.sauda");
    }
    out->set_account_id(request->account_id());
    out->set_user_id("4ABC");
    out->add_exchanges("NSE");
    out->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status GetFunds(grpc::ServerContext*, const auth::v1alpha1::GetFundsRequest*,
                        auth::v1alpha1::Funds* out) override {
    out->mutable_equity()->set_available("1512.45");
    auto* const figure = out->add_figures();
    figure->set_path("available_to_trade.total");
    figure->set_amount("1512.45");
    return grpc::Status::OK;
  }
  grpc::Status GetStaticIp(grpc::ServerContext*, const auth::v1alpha1::GetStaticIpRequest*,
                           auth::v1alpha1::StaticIp* out) override {
    out->set_primary_ip("203.0.113.7");
    out->set_verdict(auth::v1alpha1::IP_VERDICT_UNKNOWN);
    return grpc::Status::OK;
  }
  grpc::Status GetKillSwitch(grpc::ServerContext*, const auth::v1alpha1::GetKillSwitchRequest*,
                             auth::v1alpha1::KillSwitch* out) override {
    auto* const segment = out->add_segments();
    segment->set_segment("NSE_FO");
    segment->set_active(true);
    return grpc::Status::OK;
  }
};

/// A calendar of one exchange, which trades twice on a day.
class FakeCalendar final : public instruments::v1alpha1::CalendarService::Service {
 public:
  grpc::Status GetMarketStatus(grpc::ServerContext*,
                               const instruments::v1alpha1::GetMarketStatusRequest* request,
                               instruments::v1alpha1::MarketStatus* out) override {
    out->set_now_ms(5);
    auto& exchange = *out->add_exchanges();
    exchange.set_exchange(request->exchange());
    exchange.set_phase(instruments::v1alpha1::MARKET_PHASE_PRE_OPEN);
    exchange.set_next_change_ms(7);
    exchange.set_origin(instruments::v1alpha1::DAY_ORIGIN_BROKER);
    out->mutable_calendar()->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status ListMarketHolidays(grpc::ServerContext*,
                                  const instruments::v1alpha1::ListMarketHolidaysRequest* request,
                                  instruments::v1alpha1::ListMarketHolidaysResponse* out) override {
    out->set_year(request->year());
    auto& holiday = *out->add_holidays();
    holiday.set_date("2026-03-03");
    holiday.set_description("Holi");
    holiday.add_closed_exchanges("NSE");
    AddDay("MCX", *holiday.add_open_exchanges());
    return grpc::Status::OK;
  }
  grpc::Status GetMarketTimings(grpc::ServerContext*,
                                const instruments::v1alpha1::GetMarketTimingsRequest* request,
                                instruments::v1alpha1::MarketTimings* out) override {
    out->set_date(request->date().empty() ? "today" : request->date());
    AddDay("NSE", *out->add_exchanges());
    return grpc::Status::OK;
  }
  grpc::Status RefreshCalendar(grpc::ServerContext*,
                               const instruments::v1alpha1::RefreshCalendarRequest*,
                               instruments::v1alpha1::CalendarState*) override {
    return rpc::ToStatus({Code::kUnavailable, "BROKER_DOWN", "no answer"}, "instruments.sauda");
  }

 private:
  static void AddDay(const char* exchange, instruments::v1alpha1::ExchangeDay& out) {
    out.set_exchange(exchange);
    for (const int from : {10, 40}) {
      auto& session = *out.add_sessions();
      session.set_pre_open_ms(from);
      session.set_open_ms(from + 5);
      session.set_close_ms(from + 20);
    }
  }
};

/// Instruments with nothing in them.
class FakeInstruments final : public instruments::v1alpha1::InstrumentsService::Service {
 public:
  grpc::Status GetStatus(grpc::ServerContext*, const instruments::v1alpha1::GetStatusRequest*,
                         instruments::v1alpha1::InstrumentsStatus* out) override {
    out->set_active(3);
    out->mutable_types()->set_call(2);
    auto& list = *out->add_lists();
    list.set_list("mtf");
    list.set_rows(7);
    auto& sync = *out->mutable_last_sync();
    sync.add_warnings()->set_code("NO_FNO_AFTER_SYNC");
    auto& failed = *sync.add_lists();
    failed.set_list("suspended");
    failed.set_state(instruments::v1alpha1::LIST_SYNC_STATE_FAILED);
    failed.set_failure("SOURCE_DOWN: 403");
    return grpc::Status::OK;
  }
  grpc::Status GetInstrument(grpc::ServerContext*,
                             const instruments::v1alpha1::GetInstrumentRequest* request,
                             instruments::v1alpha1::Instrument* out) override {
    if (request->name() != "NSE_EQ|INE/1") {
      return rpc::ToStatus({Code::kNotFound, "INSTRUMENT_UNKNOWN", "no " + request->name()},
                           "instruments.sauda");
    }
    out->set_instrument_key(request->name());
    out->set_openalgo_symbol("AS OF " + request->as_of());
    return grpc::Status::OK;
  }
  grpc::Status ListExpiries(grpc::ServerContext*,
                            const instruments::v1alpha1::ListExpiriesRequest* request,
                            instruments::v1alpha1::ListExpiriesResponse* out) override {
    out->set_segment(request->segment());
    auto& day = *out->add_expiries();
    day.set_date("2026-09-01");
    day.set_weekly(request->underlying() == "NIFTY");
    day.set_options(4);
    return grpc::Status::OK;
  }
  grpc::Status GetOptionChain(grpc::ServerContext*,
                              const instruments::v1alpha1::GetOptionChainRequest* request,
                              instruments::v1alpha1::OptionChain* out) override {
    out->set_expiry(request->expiry());
    auto& strike = *out->add_strikes();
    strike.set_strike_price(request->near_price());
    strike.mutable_put()->set_instrument_key(request->underlying() + " put " +
                                             std::to_string(request->strikes()));
    return grpc::Status::OK;
  }
  grpc::Status ListInstruments(grpc::ServerContext*,
                               const instruments::v1alpha1::ListInstrumentsRequest* request,
                               instruments::v1alpha1::ListInstrumentsResponse* out) override {
    auto& one = *out->add_instruments();
    one.set_instrument_key(request->ShortDebugString());
    one.set_mtf(request->mtf());
    one.set_mis_leverage("5");
    out->set_total_size(9);
    return grpc::Status::OK;
  }
  grpc::Status ListSuspended(grpc::ServerContext*,
                             const instruments::v1alpha1::ListSuspendedRequest* request,
                             instruments::v1alpha1::ListSuspendedResponse* out) override {
    auto& one = *out->add_instruments();
    one.set_isin(request->name());
    one.set_simulated(true);
    out->set_next_page_token(request->page_token() + "+");
    return grpc::Status::OK;
  }
  grpc::Status ListExpiredContracts(
      grpc::ServerContext*, const instruments::v1alpha1::ListExpiredContractsRequest* request,
      instruments::v1alpha1::ListExpiredContractsResponse* out) override {
    out->add_contracts()->set_instrument_key(request->ShortDebugString());
    return grpc::Status::OK;
  }
  grpc::Status WatchSync(grpc::ServerContext* context,
                         const instruments::v1alpha1::WatchSyncRequest*,
                         grpc::ServerWriter<instruments::v1alpha1::SyncProgress>* writer) override {
    instruments::v1alpha1::SyncProgress progress;
    progress.set_phase(instruments::v1alpha1::SYNC_PHASE_READING);
    progress.set_percent(42);
    // On and on, as a real sync: who has asked must go by itself.
    while (!context->IsCancelled() && writer->Write(progress)) {
    }
    return grpc::Status::OK;
  }
  grpc::Status ListSyncs(grpc::ServerContext*,
                         const instruments::v1alpha1::ListSyncsRequest* request,
                         instruments::v1alpha1::ListSyncsResponse* out) override {
    auto& run = *out->add_syncs();
    run.set_sync_id(request->page_size());
    run.set_state(instruments::v1alpha1::SYNC_STATE_FAILED);
    run.set_failure("SOURCE_DOWN: 403");
    out->set_next_page_token("next");
    return grpc::Status::OK;
  }
  grpc::Status ListChanges(grpc::ServerContext*,
                           const instruments::v1alpha1::ListChangesRequest* request,
                           instruments::v1alpha1::ListChangesResponse* out) override {
    auto& change = *out->add_changes();
    change.set_sequence(request->after_sequence() + 1);
    change.set_instrument_key(request->instrument_key());
    change.set_kind(instruments::v1alpha1::CHANGE_KIND_LOT_SIZE);
    change.set_before("75");
    change.set_after("65");
    return grpc::Status::OK;
  }
};

/// Orders that remember what they were asked.
class FakeOrders final : public orders::v1alpha1::OrdersService::Service {
 public:
  grpc::Status GetStatus(grpc::ServerContext*, const orders::v1alpha1::GetStatusRequest*,
                         orders::v1alpha1::OrdersStatus*) override {
    return grpc::Status::OK;
  }
  grpc::Status PlaceOrder(grpc::ServerContext*, const orders::v1alpha1::PlaceOrderRequest* request,
                          orders::v1alpha1::Order* out) override {
    placed = *request;
    out->set_client_order_id(request->client_order_id());
    out->set_state(orders::v1alpha1::ORDER_STATE_OPEN);
    out->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status ModifyOrder(grpc::ServerContext*,
                           const orders::v1alpha1::ModifyOrderRequest* request,
                           orders::v1alpha1::Order*) override {
    modified = *request;
    return grpc::Status::OK;
  }
  grpc::Status CancelOrder(grpc::ServerContext*,
                           const orders::v1alpha1::CancelOrderRequest* request,
                           orders::v1alpha1::Order*) override {
    return rpc::ToStatus(
        {Code::kNotFound, "ORDER_UNKNOWN", "no order " + request->client_order_id()},
        "orders.sauda");
  }

  orders::v1alpha1::PlaceOrderRequest placed;
  orders::v1alpha1::ModifyOrderRequest modified;
};

/// A feed that streams the batches a test gives it, and knows every key K|…; K|1 is an option.
class FakeFeed final : public feed::v1alpha1::FeedService::Service {
 public:
  using Batch = feed::v1alpha1::TickBatch;

  grpc::Status StreamTicks(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<Batch, feed::v1alpha1::StreamTicksRequest>* stream) override {
    feed::v1alpha1::StreamTicksRequest request;
    stream->Read(&request);
    std::unique_lock lock{mutex_};
    follow_all = request.follow_all();
    ++streams_;
    const int breaks = breaks_;
    while (!stopping_ && breaks == breaks_ && !context->IsCancelled()) {
      if (waiting_.empty()) {
        changed_.wait_for(lock, std::chrono::milliseconds{20});
        continue;
      }
      const Batch batch = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      stream->Write(batch);
      lock.lock();
    }
    return {grpc::StatusCode::UNAVAILABLE, "stopping"};
  }
  grpc::Status Subscribe(grpc::ServerContext*, const feed::v1alpha1::SubscribeRequest* request,
                         feed::v1alpha1::SubscribeResponse* out) override {
    for (const auto& name : request->names()) {
      if (!name.starts_with("K|") && request->partial()) {
        auto& refused = *out->add_refused();
        refused.set_name(name);
        refused.set_reason("INSTRUMENT_UNKNOWN");
        continue;
      }
      if (!name.starts_with("K|")) {
        return rpc::ToStatus({Code::kNotFound, "INSTRUMENT_UNKNOWN", "no instrument " + name},
                             "feed.sauda");
      }
      out->add_instrument_keys(name);
    }
    const std::lock_guard lock{mutex_};
    if (request->has_selection()) {
      selection = request->selection();
      auto& taken = *out->add_selected();
      taken.set_kind(feed::v1alpha1::KIND_OPTION);
      taken.set_taken(500);
      taken.set_total(1'577);
      taken.set_limited_by(feed::v1alpha1::LIMITED_BY_KIND);
      taken.set_limit(500);
      out->set_near_price(24'000.5);
    }
    modes.push_back(request->mode());
    subscribed.insert(out->instrument_keys().begin(), out->instrument_keys().end());
    return grpc::Status::OK;
  }
  grpc::Status Unsubscribe(grpc::ServerContext*, const feed::v1alpha1::UnsubscribeRequest* request,
                           feed::v1alpha1::UnsubscribeResponse* out) override {
    const std::lock_guard lock{mutex_};
    for (const auto& name : request->names()) {
      if (subscribed.erase(name) > 0) out->add_instrument_keys(name);
    }
    return grpc::Status::OK;
  }
  grpc::Status Connect(grpc::ServerContext* context, const feed::v1alpha1::ConnectRequest*,
                       feed::v1alpha1::FeedStatus* out) override {
    return GetStatus(context, nullptr, out);
  }
  grpc::Status ListSubscriptions(grpc::ServerContext*,
                                 const feed::v1alpha1::ListSubscriptionsRequest*,
                                 feed::v1alpha1::ListSubscriptionsResponse* out) override {
    const std::lock_guard lock{mutex_};
    ++lists_;
    for (const auto& key : subscribed) {
      auto* const one = out->add_subscriptions();
      one->set_instrument_key(key);
      if (key == "K|1") one->set_kind(feed::v1alpha1::KIND_OPTION);
    }
    return grpc::Status::OK;
  }
  grpc::Status GetLatest(grpc::ServerContext*, const feed::v1alpha1::GetLatestRequest*,
                         feed::v1alpha1::GetLatestResponse* out) override {
    const std::lock_guard lock{mutex_};
    ++fills_;
    *out = latest_;
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const feed::v1alpha1::GetStatusRequest*,
                         feed::v1alpha1::FeedStatus* out) override {
    out->set_connection(connection);
    out->set_total_symbols(1);
    out->set_simulated(true);
    return grpc::Status::OK;
  }

  /// A batch without ticks.
  static Batch MakeBatch(const std::string& instance) {
    Batch batch;
    batch.set_instance(instance);
    batch.set_connection(feed::v1alpha1::CONNECTION_STATE_LIVE);
    return batch;
  }
  static feed::v1alpha1::Tick MakeTick(const std::string& key, std::uint64_t seq, double price) {
    feed::v1alpha1::Tick tick;
    tick.set_instrument_key(key);
    tick.set_seq(seq);
    tick.set_received_ns(1'765'771'200'000'000'000);
    tick.set_mode(feed::v1alpha1::MODE_FULL);
    tick.set_simulated(true);
    tick.mutable_last()->set_price(price);
    return tick;
  }
  /// Sends a batch on the open stream, or on the next one; its keys are subscribed.
  void Send(const std::string& instance, const std::string& key, std::uint64_t seq, double price) {
    Batch batch = MakeBatch(instance);
    *batch.add_ticks() = MakeTick(key, seq, price);
    Send(std::move(batch));
  }
  void Send(Batch batch) {
    {
      const std::lock_guard lock{mutex_};
      for (const auto& tick : batch.ticks()) subscribed.insert(tick.instrument_key());
      waiting_.push_back(std::move(batch));
    }
    changed_.notify_all();
  }
  /// What GetLatest answers; the keys are subscribed.
  void SetLatest(const std::string& instance, const std::vector<feed::v1alpha1::Tick>& ticks) {
    const std::lock_guard lock{mutex_};
    latest_.set_instance(instance);
    for (const auto& tick : ticks) subscribed.insert(tick.instrument_key());
    latest_.mutable_ticks()->Assign(ticks.begin(), ticks.end());
  }
  /// Ends the subscription of a key behind everybody's back.
  void Drop(const std::string& key) {
    const std::lock_guard lock{mutex_};
    subscribed.erase(key);
  }
  /// Breaks the open streams; the feed goes on.
  void BreakStreams() {
    {
      const std::lock_guard lock{mutex_};
      ++breaks_;
    }
    changed_.notify_all();
  }
  bool Has(const std::string& key) {
    const std::lock_guard lock{mutex_};
    return subscribed.contains(key);
  }
  std::vector<feed::v1alpha1::Mode> Modes() {
    const std::lock_guard lock{mutex_};
    return modes;
  }
  feed::v1alpha1::Selection Selected() {
    const std::lock_guard lock{mutex_};
    return selection;
  }
  int streams() { return Counted(streams_); }
  int fills() { return Counted(fills_); }
  int lists() { return Counted(lists_); }
  /// Ends the streams, so that the server can stop.
  void EndStreams() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_all();
  }

  feed::v1alpha1::ConnectionState connection = feed::v1alpha1::CONNECTION_STATE_LIVE;
  bool follow_all = false;                  // guarded by mutex_
  std::set<std::string> subscribed;         // guarded by mutex_
  std::vector<feed::v1alpha1::Mode> modes;  // of each Subscribe; guarded by mutex_
  feed::v1alpha1::Selection selection;      // of the last that had one; guarded by mutex_

 private:
  int Counted(const int& count) {
    const std::lock_guard lock{mutex_};
    return count;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> waiting_;  // guarded by mutex_, as all below
  feed::v1alpha1::GetLatestResponse latest_;
  int streams_ = 0;
  int fills_ = 0;
  int lists_ = 0;
  int breaks_ = 0;
  bool stopping_ = false;
};

}  // namespace sauda::gateway
