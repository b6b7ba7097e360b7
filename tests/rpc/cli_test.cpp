#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/src/exit_code.hpp"
#include "cli/src/print.hpp"
#include "cli/src/program.hpp"
#include "cli/src/tick_table.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/auth/v1alpha1/account.grpc.pb.h"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "sauda/auth/v1alpha1/keys.grpc.pb.h"
#include "sauda/auth/v1alpha1/vault.grpc.pb.h"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "sauda/instruments/v1alpha1/calendar.grpc.pb.h"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"
#include "tests/support/case_name.hpp"

namespace sauda::cli {
namespace {

namespace auth_pb = auth::v1alpha1;
namespace feed_pb = feed::v1alpha1;
namespace instruments_pb = instruments::v1alpha1;
namespace orders_pb = orders::v1alpha1;

constexpr auto kCanary = "canary-token-5f2e";

/// All four services, answering as they are told.
class FakeAuth final : public auth_pb::AuthService::Service {
 public:
  grpc::Status GetStatus(grpc::ServerContext*, const auth_pb::GetStatusRequest*,
                         auth_pb::TokenStatus* status) override {
    if (asked_status++ >= logged_in_after) {
      status->set_state(auth_pb::LOGIN_STATE_LOGGED_IN);
      status->set_kind(asked_status > access_after ? auth_pb::TOKEN_KIND_ACCESS
                                                   : auth_pb::TOKEN_KIND_EXTENDED);
      status->set_broker_user_id("AB1234");
      status->set_seconds_to_expiry(3'700);
      status->set_expires_ms(1'765'836'000'000);
      status->set_simulated(true);
    } else {
      status->set_state(auth_pb::LOGIN_STATE_LOGGED_OUT);
    }
    return grpc::Status::OK;
  }
  grpc::Status BeginLogin(grpc::ServerContext*, const auth_pb::BeginLoginRequest*,
                          auth_pb::BeginLoginResponse* begun) override {
    begun->set_login_url("https://broker.example/dialog?state=s1");
    begun->set_state("s1");
    return grpc::Status::OK;
  }
  grpc::Status CompleteLogin(grpc::ServerContext*, const auth_pb::CompleteLoginRequest* request,
                             auth_pb::TokenStatus* status) override {
    code = request->code();
    state = request->state();
    status->set_state(auth_pb::LOGIN_STATE_LOGGED_IN);
    return grpc::Status::OK;
  }
  grpc::Status RequestApproval(grpc::ServerContext*, const auth_pb::RequestApprovalRequest* request,
                               auth_pb::RequestApprovalResponse* asked) override {
    asked_again = request->again();
    asked->set_expires_ms(1'765'836'000'000);
    asked->set_pending_before(!asked_again);
    asked->set_notifier_differs(asked_again);
    return grpc::Status::OK;
  }
  grpc::Status SubmitToken(grpc::ServerContext*, const auth_pb::SubmitTokenRequest* request,
                           auth_pb::TokenStatus* status) override {
    token = request->access_token();
    kind = request->kind();
    status->set_state(auth_pb::LOGIN_STATE_LOGGED_IN);
    return token == kCanary
               ? grpc::Status::OK
               : rpc::ToStatus({Code::kUnauthenticated, "TOKEN_REJECTED", "no"}, "auth.sauda");
  }
  int asked_status = 0;
  int logged_in_after = 0;
  int access_after = 0;  ///< until then the token is an extended one
  std::string code, state, token;
  auth_pb::TokenKind kind = auth_pb::TOKEN_KIND_UNSPECIFIED;
  bool asked_again = false;
};

class FakeInstruments final : public instruments_pb::InstrumentsService::Service {
 public:
  std::atomic<int> running_syncs = 0;  ///< calls of Sync that find another one running
  grpc::Status Sync(grpc::ServerContext*, const instruments_pb::SyncRequest*,
                    instruments_pb::SyncReport* report) override {
    if (running_syncs > 0) {
      --running_syncs;
      return rpc::ToStatus({Code::kAborted, "SYNC_RUNNING", "another sync runs"},
                           "instruments.sauda");
    }
    report->set_records(126'978);
    report->set_inserted(126'978);
    auto* const segment = report->add_segments();
    segment->set_segment("NSE_FO");
    segment->set_count(59'000);
    report->mutable_types()->set_put(29'000);
    auto* const warning = report->add_warnings();
    warning->set_code("LIST_NOT_READ");
    warning->set_message("mtf: SOURCE_DOWN: \x1b[2J403");
    auto* const list = report->add_lists();
    list->set_list("suspended");
    list->set_state(instruments_pb::LIST_SYNC_STATE_REPLACED);
    list->set_rows(33'930);
    return grpc::Status::OK;
  }
  grpc::Status SearchInstruments(grpc::ServerContext*,
                                 const instruments_pb::SearchInstrumentsRequest* request,
                                 instruments_pb::SearchInstrumentsResponse* found) override {
    query = request->query();
    if (query == "nothing") return grpc::Status::OK;
    auto* const one = found->add_instruments();
    one->set_instrument_key("NSE_EQ|INE009A01021");
    one->set_trading_symbol("INFY");
    one->set_name("INFOSYS\x1b[31m");
    one->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const instruments_pb::GetStatusRequest*,
                         instruments_pb::InstrumentsStatus* status) override {
    status->set_active(126'978);
    return grpc::Status::OK;
  }
  grpc::Status GetInstrument(grpc::ServerContext*,
                             const instruments_pb::GetInstrumentRequest* request,
                             instruments_pb::Instrument* found) override {
    as_of = request->as_of();
    found->set_instrument_key("NSE_FO|46913");
    found->set_openalgo_exchange("NFO");
    found->set_openalgo_symbol("NIFTY01SEP2622200CE");
    found->set_simulated(true);
    found->set_mtf(true);
    found->set_mtf_bracket("26.5");
    return grpc::Status::OK;
  }
  grpc::Status ListInstruments(grpc::ServerContext*,
                               const instruments_pb::ListInstrumentsRequest* request,
                               instruments_pb::ListInstrumentsResponse* found) override {
    listed = request->ShortDebugString();
    auto* const one = found->add_instruments();
    one->set_mis(true);
    one->set_mis_leverage("5");
    found->set_total_size(12);
    return grpc::Status::OK;
  }
  grpc::Status ListSuspended(grpc::ServerContext*,
                             const instruments_pb::ListSuspendedRequest* request,
                             instruments_pb::ListSuspendedResponse* found) override {
    auto* const one = found->add_instruments();
    one->set_isin(request->name());
    one->set_instrument_key("NSE_EQ|" + request->name());
    one->set_name("OLD\x1b[31m");
    one->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status ListExpiredContracts(grpc::ServerContext*,
                                    const instruments_pb::ListExpiredContractsRequest* request,
                                    instruments_pb::ListExpiredContractsResponse* found) override {
    listed = request->ShortDebugString();
    found->add_contracts()->set_trading_symbol("NIFTY FUT 30 SEP 25");
    return grpc::Status::OK;
  }
  grpc::Status ListExpiries(grpc::ServerContext*, const instruments_pb::ListExpiriesRequest*,
                            instruments_pb::ListExpiriesResponse* found) override {
    found->set_segment("NSE_FO");
    found->add_expiries()->set_date("2026-09-01");
    return grpc::Status::OK;
  }
  grpc::Status GetOptionChain(grpc::ServerContext*,
                              const instruments_pb::GetOptionChainRequest* request,
                              instruments_pb::OptionChain* chain) override {
    strikes = request->strikes();
    chain->add_strikes()->set_strike_price(request->near_price());
    return grpc::Status::OK;
  }
  grpc::Status ListSyncs(grpc::ServerContext*, const instruments_pb::ListSyncsRequest*,
                         instruments_pb::ListSyncsResponse* found) override {
    auto* const run = found->add_syncs();
    run->set_state(instruments_pb::SYNC_STATE_FAILED);
    run->set_failure("SOURCE_DOWN: answered \x1b[2J403");
    return grpc::Status::OK;
  }
  grpc::Status ListChanges(grpc::ServerContext*, const instruments_pb::ListChangesRequest* request,
                           instruments_pb::ListChangesResponse* found) override {
    auto* const change = found->add_changes();
    change->set_sequence(request->after_sequence() + 1);
    change->set_kind(instruments_pb::CHANGE_KIND_FREEZE_QUANTITY);
    return grpc::Status::OK;
  }
  std::string query;
  std::string as_of;
  std::string listed;
  int strikes = 0;
};

class FakeFeed final : public feed_pb::FeedService::Service {
 public:
  grpc::Status StreamTicks(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<feed_pb::TickBatch, feed_pb::StreamTicksRequest>* stream) override {
    feed_pb::StreamTicksRequest opening;
    stream->Read(&opening);
    {
      const std::lock_guard lock{mutex_};
      opened_ = opening;
    }
    if (opening.add_size() > 0 && opening.add(0) == "NOBODY") {
      return rpc::ToStatus({Code::kNotFound, "INSTRUMENT_UNKNOWN", "no NOBODY"}, "feed.sauda");
    }
    for (std::uint64_t seq = 1; !silent && seq <= last_seq; ++seq) {
      feed_pb::TickBatch batch;
      batch.set_instance("i1");
      batch.set_count(1);
      batch.set_connection(feed_pb::CONNECTION_STATE_LIVE);
      auto* const tick = batch.add_ticks();
      tick->set_instrument_key("NSE_INDEX|Nifty 50");
      tick->set_seq(seq);
      tick->set_simulated(true);
      tick->mutable_last()->set_price(26'000.05);
      if (!stream->Write(batch)) return grpc::Status::OK;
    }
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::OK;
  }
  grpc::Status Subscribe(grpc::ServerContext*, const feed_pb::SubscribeRequest* request,
                         feed_pb::SubscribeResponse* done) override {
    for (const auto& name : request->names()) done->add_instrument_keys(name);
    mode = request->mode();
    subscribed = *request;
    if (request->has_selection()) {
      auto& taken = *done->add_selected();
      taken.set_kind(feed_pb::KIND_OPTION);
      taken.set_taken(500);
      taken.set_total(1'577);
      taken.set_limited_by(feed_pb::LIMITED_BY_KIND);
      taken.set_limit(500);
      done->add_instrument_keys("NSE_FO|1");
    }
    if (request->partial()) done->add_refused()->set_message("no instrument goes by NO");
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const feed_pb::GetStatusRequest*,
                         feed_pb::FeedStatus* status) override {
    status->set_connection(feed_pb::CONNECTION_STATE_LIVE);
    status->set_simulated(true);
    return grpc::Status::OK;
  }
  /// With what a stream was opened last.
  feed_pb::StreamTicksRequest opened() const {
    const std::lock_guard lock{mutex_};
    return opened_;
  }
  bool silent = false;
  std::uint64_t last_seq = UINT64_MAX;  // then nothing more comes
  feed_pb::Mode mode = feed_pb::MODE_UNSPECIFIED;
  feed_pb::SubscribeRequest subscribed;

 private:
  mutable std::mutex mutex_;
  feed_pb::StreamTicksRequest opened_;  // guarded by mutex_
};

class FakeOrders final : public orders_pb::OrdersService::Service {
 public:
  grpc::Status PlaceOrder(grpc::ServerContext*, const orders_pb::PlaceOrderRequest* request,
                          orders_pb::Order* order) override {
    if (!broken.ok()) return broken;
    placed = *request;
    if (refuse.code != Code::kInternal) return rpc::ToStatus(refuse, "orders.sauda");
    order->set_client_order_id(request->client_order_id());
    order->set_state(state);
    order->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status ModifyOrder(grpc::ServerContext*, const orders_pb::ModifyOrderRequest* request,
                           orders_pb::Order* order) override {
    if (!broken.ok()) return broken;
    modified = *request;
    order->set_state(orders_pb::ORDER_STATE_OPEN);
    return grpc::Status::OK;
  }
  grpc::Status CancelOrder(grpc::ServerContext*, const orders_pb::CancelOrderRequest* request,
                           orders_pb::Order* order) override {
    if (!broken.ok()) return broken;
    if (request->client_order_id() == "lost") {
      return rpc::ToStatus({Code::kUnavailable, "CANCEL_UNSETTLED", "no answer"}, "orders.sauda");
    }
    order->set_state(orders_pb::ORDER_STATE_OPEN);
    return grpc::Status::OK;
  }
  grpc::Status ListOrders(grpc::ServerContext*, const orders_pb::ListOrdersRequest* request,
                          orders_pb::ListOrdersResponse* page) override {
    listed = *request;
    page->add_orders()->set_client_order_id("c1");
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const orders_pb::GetStatusRequest*,
                         orders_pb::OrdersStatus* status) override {
    status->set_accepting(true);
    status->set_route(orders_pb::ORDER_ROUTE_PAPER);
    return grpc::Status::OK;
  }
  grpc::Status broken;  // not ok: what the transport says of a call that ended half-way
  orders_pb::PlaceOrderRequest placed;
  orders_pb::ModifyOrderRequest modified;
  orders_pb::ListOrdersRequest listed;
  orders_pb::OrderState state = orders_pb::ORDER_STATE_PENDING;
  Error refuse;  // kInternal: none
};

class FakeAccount final : public auth_pb::AccountService::Service {
 public:
  grpc::Status GetProfile(grpc::ServerContext*, const auth_pb::GetProfileRequest* request,
                          auth_pb::Profile* profile) override {
    if (request->account_id() == "out") {
      return rpc::ToStatus({Code::kUnauthenticated, "TOKEN_MISSING", "nobody"}, "auth.sauda");
    }
    profile->set_user_id("AB1234");
    profile->set_user_name("A\x1b[31m");
    profile->add_exchanges("NSE");
    profile->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status GetFunds(grpc::ServerContext*, const auth_pb::GetFundsRequest*,
                        auth_pb::Funds* funds) override {
    funds->mutable_equity()->set_available("1512.45");
    auto* const figure = funds->add_figures();
    figure->set_path("available_to_trade.total");
    figure->set_amount("1512.45");
    return grpc::Status::OK;
  }
  grpc::Status GetStaticIp(grpc::ServerContext*, const auth_pb::GetStaticIpRequest*,
                           auth_pb::StaticIp* ip) override {
    ip->set_primary_ip("203.0.113.7");
    ip->set_seen_ip("198.51.100.1");
    ip->set_verdict(auth_pb::IP_VERDICT_DIFFERS);
    return grpc::Status::OK;
  }
  grpc::Status GetKillSwitch(grpc::ServerContext*, const auth_pb::GetKillSwitchRequest*,
                             auth_pb::KillSwitch* all) override {
    auto* const segment = all->add_segments();
    segment->set_segment("NSE_FO");
    segment->set_killed(true);
    return grpc::Status::OK;
  }
};

class FakeVault final : public auth_pb::VaultService::Service {
 public:
  grpc::Status RotateVault(grpc::ServerContext*, const auth_pb::RotateVaultRequest*,
                           auth_pb::RotateVaultResponse* done) override {
    done->set_resealed(3);
    done->set_unopened(unopened);
    done->add_key_ids("aa11");
    done->add_key_ids("bb22");
    return grpc::Status::OK;
  }
  std::int64_t unopened = 0;
};

/// Auth's other half: makes one key and has a small audit.
class FakeKeys final : public auth_pb::KeysService::Service {
 public:
  grpc::Status CreateKey(grpc::ServerContext*, const auth_pb::CreateKeyRequest* request,
                         auth_pb::CreateKeyResponse* out) override {
    created = *request;
    if (request->name() == "taken") {
      return rpc::ToStatus({Code::kAlreadyExists, "KEY_NAME_TAKEN", "taken"}, "auth.sauda");
    }
    *out->mutable_key() = KeyOf(*request);
    out->set_text(kKeyText);
    return grpc::Status::OK;
  }
  grpc::Status ListKeys(grpc::ServerContext*, const auth_pb::ListKeysRequest* request,
                        auth_pb::ListKeysResponse* out) override {
    const bool first = request->page_token().empty();
    auto& key = *out->add_keys();
    key.set_key_id(first ? "aaaaaaaaaaaaaaaa" : "bbbbbbbbbbbbbbbb");
    key.set_name(first ? "living" : "dead");
    key.add_scopes(auth_pb::SCOPE_READ);
    key.add_scopes(auth_pb::SCOPE_TRADE);
    if (!first) key.set_revoked_ms(5);
    if (first) out->set_next_page_token("more");
    return grpc::Status::OK;
  }
  grpc::Status RevokeKey(grpc::ServerContext*, const auth_pb::RevokeKeyRequest* request,
                         auth_pb::Key* out) override {
    if (request->key_id() != "aaaaaaaaaaaaaaaa") {
      return rpc::ToStatus({Code::kNotFound, "KEY_NOT_FOUND", "no"}, "auth.sauda");
    }
    out->set_key_id(request->key_id());
    out->set_name("living");
    return grpc::Status::OK;
  }
  grpc::Status Record(grpc::ServerContext*, const auth_pb::RecordRequest* request,
                      auth_pb::RecordResponse*) override {
    recorded.push_back(request->action() + " " + request->subject());
    return refuse_acts ? rpc::ToStatus({Code::kUnavailable, "DATABASE_DOWN", "away"}, "auth.sauda")
                       : grpc::Status::OK;
  }
  grpc::Status ListAudit(grpc::ServerContext*, const auth_pb::ListAuditRequest* request,
                         auth_pb::ListAuditResponse* out) override {
    auto& row = *out->add_rows();
    row.set_seq(request->page_token().empty() ? 2 : 1);
    row.set_actor("local");
    row.set_action("key.created");
    row.set_detail("{}");
    if (row.seq() == 2) out->set_next_page_token("2");
    return grpc::Status::OK;
  }
  grpc::Status VerifyAudit(grpc::ServerContext*, const auth_pb::VerifyAuditRequest* request,
                           auth_pb::VerifyAuditResponse* out) override {
    verified = *request;
    out->set_rows(2);
    out->mutable_head()->set_seq(2);
    out->mutable_head()->set_hash("abcd");
    if (broken) {
      out->mutable_broken()->set_seq(3);
      out->mutable_broken()->set_reason("ROW_CHANGED");
    }
    return grpc::Status::OK;
  }
  static auth_pb::Key KeyOf(const auth_pb::CreateKeyRequest& request) {
    auth_pb::Key key;
    key.set_key_id("aaaaaaaaaaaaaaaa");
    *key.mutable_scopes() = request.scopes();
    *key.mutable_accounts() = request.accounts();
    key.set_expires_ms(request.expires_ms());
    return key;
  }

  static constexpr auto kKeyText = "sauda_aaaaaaaaaaaaaaaa_canary";
  auth_pb::CreateKeyRequest created;
  auth_pb::VerifyAuditRequest verified;
  std::vector<std::string> recorded;
  bool refuse_acts = false;
  bool broken = false;
};

class FakeCalendar final : public instruments_pb::CalendarService::Service {
 public:
  grpc::Status GetMarketStatus(grpc::ServerContext*, const instruments_pb::GetMarketStatusRequest*,
                               instruments_pb::MarketStatus* out) override {
    auto* const exchange = out->add_exchanges();
    exchange->set_exchange("NFO");
    exchange->set_phase(instruments_pb::MARKET_PHASE_PRE_OPEN);
    exchange->set_why("Drill\x1b[2J");
    out->mutable_calendar()->set_failure("BROKER_DOWN: no answer");
    return grpc::Status::OK;
  }
  grpc::Status ListMarketHolidays(grpc::ServerContext*,
                                  const instruments_pb::ListMarketHolidaysRequest* request,
                                  instruments_pb::ListMarketHolidaysResponse* out) override {
    year = request->year();
    auto* const holiday = out->add_holidays();
    holiday->set_date("2026-03-03");
    holiday->add_closed_exchanges("NSE");
    Trade("MCX", holiday->add_open_exchanges());
    out->mutable_calendar()->set_simulated(true);
    return grpc::Status::OK;
  }
  grpc::Status GetMarketTimings(grpc::ServerContext*,
                                const instruments_pb::GetMarketTimingsRequest* request,
                                instruments_pb::MarketTimings* out) override {
    out->set_date(request->date());
    if (request->date() != "2026-03-03") Trade("NSE", out->add_exchanges());
    return grpc::Status::OK;
  }
  grpc::Status RefreshCalendar(grpc::ServerContext*, const instruments_pb::RefreshCalendarRequest*,
                               instruments_pb::CalendarState*) override {
    ++refreshed;
    return grpc::Status::OK;
  }
  int year = 0;
  int refreshed = 0;

 private:
  /// 17:00 to 23:55 IST of 2026-03-03.
  static void Trade(const char* exchange, instruments_pb::ExchangeDay* day) {
    day->set_exchange(exchange);
    auto* const session = day->add_sessions();
    session->set_open_ms(1'772'537'400'000);
    session->set_close_ms(1'772'562'300'000);
  }
};

class CliTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto started = server_.Start(
        {.listen = "127.0.0.1:0"},
        {&auth_, &account_, &vault_, &keys_, &instruments_, &calendar_, &feed_, &orders_});
    EXPECT_TRUE(started);
    address_ = "127.0.0.1:" + std::to_string(server_.port());
  }
  void TearDown() override { server_.Stop(); }

  int Run(std::vector<std::string> words) {
    for (const char* const service : {"auth", "instruments", "feed", "orders"}) {
      if (std::find(words.begin(), words.end(), std::string{"--"} + service + "-address") ==
          words.end()) {
        words.push_back(std::string{"--"} + service + "-address");
        words.push_back(address_);
      }
    }
    return RunPlain(words);
  }
  int RunPlain(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    return cli::Run(
        words,
        {.in = in_,
         .out = out_,
         .err = err_,
         .out_is_terminal = terminal_,
         .environment = [this](const std::string& name) -> std::optional<std::string> {
           const auto found = environment_.find(name);
           if (found == environment_.end()) return std::nullopt;
           return found->second;
         },
         .read_hidden = [this](const std::string&) -> std::optional<std::string> { return typed_; },
         .read_hidden_while = read_while_});
  }

  FakeAuth auth_;
  FakeAccount account_;
  FakeVault vault_;
  FakeKeys keys_;
  FakeInstruments instruments_;
  FakeCalendar calendar_;
  FakeFeed feed_;
  FakeOrders orders_;
  rpc::Server server_;
  std::string address_;
  std::istringstream in_;
  std::ostringstream out_, err_;
  bool terminal_ = false;
  std::map<std::string, std::string> environment_;
  std::string typed_;
  decltype(Io::read_hidden_while) read_while_;  ///< null: the input is no terminal
};

TEST_F(CliTest, StatusShowsAllFourAndSaysThatItIsSimulated) {
  EXPECT_EQ(Run({"status"}), kOk);
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos);
  EXPECT_NE(out_.str().find("126978 active"), std::string::npos);
  EXPECT_NE(out_.str().find("accepting"), std::string::npos);
  EXPECT_EQ(Run({"--json", "status"}), kOk);
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["logged_in"], true);
  EXPECT_EQ(json["feed"]["connection"], "CONNECTION_STATE_LIVE");
}

TEST_F(CliTest, StatusTellsWhoIsAwayAndWhoIsNotLoggedIn) {
  auth_.logged_in_after = 100;
  EXPECT_EQ(Run({"status"}), kNotLoggedIn);
  EXPECT_NE(out_.str().find("LOGGED OUT"), std::string::npos);
  EXPECT_EQ(Run({"status", "--orders-address", "127.0.0.1:1"}), kUnavailable);
  EXPECT_NE(out_.str().find("orders       DOWN"), std::string::npos) << out_.str();
}

struct UsageCase {
  std::string name;
  std::vector<std::string> words;
};
class UsageTest : public CliTest, public testing::WithParamInterface<UsageCase> {};

TEST_P(UsageTest, IsRefusedWithoutACall) {
  EXPECT_EQ(Run(GetParam().words), kUsage);
  EXPECT_FALSE(err_.str().empty());
  EXPECT_TRUE(orders_.placed.client_order_id().empty());
}

INSTANTIATE_TEST_SUITE_P(
    WrongWords, UsageTest,
    testing::Values(
        UsageCase{"NoCommand", {}}, UsageCase{"UnknownCommand", {"dance"}},
        UsageCase{"UnknownFlag", {"status", "--loud"}},
        UsageCase{"TailOfNothing", {"feed", "tail"}},
        UsageCase{"UnknownMode", {"feed", "tail", "X", "--mode", "everything"}},
        UsageCase{"ListOfNoKind", {"instruments", "list", "--mtf"}},
        UsageCase{"ExpiredIndices", {"instruments", "expired", "NIFTY", "--kind", "index"}},
        UsageCase{"TailOfNoUniverse", {"feed", "tail", "--universe", "all"}},
        UsageCase{"SideOfNoKind", {"orders", "place", "INFY", "hold", "1"}},
        UsageCase{"QuantityNotANumber", {"orders", "place", "INFY", "buy", "many"}},
        UsageCase{"NoQuantity", {"orders", "place", "INFY", "buy"}},
        UsageCase{"UnknownProduct", {"orders", "place", "INFY", "buy", "1", "--product", "cover"}},
        UsageCase{"NoTimeout", {"status", "--timeout-ms", "0"}},
        UsageCase{"TokenTwice", {"login", "--token", "--code"}},
        UsageCase{"NoTokenFile", {"login", "--token-file", "/nowhere"}}),
    CaseName{});

TEST_F(CliTest, HelpAndVersionEndWell) {
  EXPECT_EQ(RunPlain({"--help"}), kOk);
  EXPECT_NE(out_.str().find("Exit codes"), std::string::npos);
  EXPECT_EQ(RunPlain({"--version"}), kOk);
  EXPECT_EQ(RunPlain({"orders", "place", "--help"}), kOk);
}

TEST_F(CliTest, PlacesWhatTheWordsSay) {
  EXPECT_EQ(
      Run({"orders", "place", "INFY", "BUY", "10", "--limit", "1500.05", "--trigger", "1499",
           "--product", "delivery", "--validity", "ioc", "--id", "c1", "--tag", "a", "--tag", "b"}),
      kOk)
      << err_.str();
  EXPECT_EQ(orders_.placed.instrument(), "INFY");
  EXPECT_EQ(orders_.placed.side(), orders_pb::SIDE_BUY);
  EXPECT_EQ(orders_.placed.quantity(), 10);
  EXPECT_EQ(orders_.placed.type(), orders_pb::ORDER_TYPE_STOP_LIMIT);
  EXPECT_EQ(orders_.placed.price(), "1500.05");
  EXPECT_EQ(orders_.placed.product(), orders_pb::PRODUCT_DELIVERY);
  EXPECT_EQ(orders_.placed.validity(), orders_pb::VALIDITY_IOC);
  EXPECT_EQ(orders_.placed.client_order_id(), "c1");
  EXPECT_EQ(orders_.placed.tags_size(), 2);
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos);
}

TEST_F(CliTest, TheTypeFollowsFromThePrices) {
  const std::vector<std::pair<std::vector<std::string>, orders_pb::OrderType>> cases{
      {{}, orders_pb::ORDER_TYPE_MARKET},
      {{"--limit", "1"}, orders_pb::ORDER_TYPE_LIMIT},
      {{"--trigger", "1"}, orders_pb::ORDER_TYPE_STOP_MARKET},
      {{"--limit", "1", "--trigger", "1"}, orders_pb::ORDER_TYPE_STOP_LIMIT}};
  for (const auto& [prices, type] : cases) {
    std::vector<std::string> words{"orders", "place", "INFY", "sell", "1"};
    words.insert(words.end(), prices.begin(), prices.end());
    EXPECT_EQ(Run(words), kOk);
    EXPECT_EQ(orders_.placed.type(), type);
    EXPECT_TRUE(orders_.placed.client_order_id().starts_with("ctl-"));
    EXPECT_NE(err_.str().find(orders_.placed.client_order_id()), std::string::npos)
        << "the id is told, so that a repeat is the same order";
  }
}

TEST_F(CliTest, TheExitCodeTellsWhatBecameOfTheOrder) {
  const std::vector<std::string> words{"orders", "place", "INFY", "buy", "1"};
  const std::vector<std::pair<orders_pb::OrderState, int>> states{
      {orders_pb::ORDER_STATE_FILLED, kOk},
      {orders_pb::ORDER_STATE_CANCELLED, kOk},
      {orders_pb::ORDER_STATE_REJECTED, kRefused},
      {orders_pb::ORDER_STATE_NOT_SENT, kRefused},
      {orders_pb::ORDER_STATE_UNKNOWN, kOutcomeUnknown}};
  for (const auto& [state, code] : states) {
    orders_.state = state;
    EXPECT_EQ(Run(words), code);
  }
  const std::vector<std::pair<Error, int>> errors{
      {{Code::kInvalidArgument, "QUANTITY_NOT_IN_LOTS", "lots of 75"}, kRefused},
      {{Code::kUnavailable, "DATABASE_DOWN", "away"}, kUnavailable},
      {{Code::kUnavailable, "TOKEN_MISSING", "log in"}, kNotLoggedIn},
      {{Code::kUnavailable, "OUTCOME_UNRECORDED", "sent"}, kOutcomeUnknown}};
  for (const auto& [error, code] : errors) {
    orders_.refuse = error;
    EXPECT_EQ(Run(words), code);
    EXPECT_NE(err_.str().find(error.reason), std::string::npos);
  }
}

TEST_F(CliTest, ACallThatBreaksMayHaveSentTheOrder) {
  const std::vector<std::vector<std::string>> writes{{"orders", "place", "INFY", "buy", "1"},
                                                     {"orders", "modify", "c1", "--limit", "1"},
                                                     {"orders", "cancel", "c1"}};
  for (const auto& words : writes) {
    for (const auto code : {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::DEADLINE_EXCEEDED,
                            grpc::StatusCode::UNKNOWN, grpc::StatusCode::CANCELLED}) {
      orders_.broken = grpc::Status{code, "socket closed"};
      EXPECT_EQ(Run(words), kOutcomeUnknown) << words[1] << " " << code;
      EXPECT_NE(err_.str().find("socket closed"), std::string::npos);
    }
    auto elsewhere = words;
    elsewhere.insert(elsewhere.end(), {"--orders-address", "127.0.0.1:1"});
    EXPECT_EQ(Run(elsewhere), kUnavailable) << "nobody was reached";
  }
}

TEST_F(CliTest, ErrorsAsJsonSayCauseAndRemedy) {
  orders_.refuse = {Code::kUnavailable, "DATABASE_DOWN", "connection refused"};
  EXPECT_EQ(Run({"--json", "orders", "place", "INFY", "buy", "1", "--id", "c1"}), kUnavailable);
  const auto json = nlohmann::json::parse(err_.str());
  EXPECT_EQ(json["error"]["reason"], "DATABASE_DOWN");
  EXPECT_EQ(json["error"]["exit_code"], kUnavailable);
  EXPECT_FALSE(json["error"]["remedy"].get<std::string>().empty());
}

TEST_F(CliTest, ModifiesCancelsAndLists) {
  EXPECT_EQ(Run({"orders", "modify", "c1", "--limit", "99.5", "--type", "limit"}), kOk);
  EXPECT_EQ(orders_.modified.price(), "99.5");
  EXPECT_FALSE(orders_.modified.has_quantity());
  EXPECT_EQ(orders_.modified.type(), orders_pb::ORDER_TYPE_LIMIT);
  EXPECT_EQ(Run({"orders", "cancel", "c1"}), kOk);
  EXPECT_EQ(Run({"orders", "cancel", "lost"}), kOutcomeUnknown);
  EXPECT_EQ(Run({"orders", "list", "--open", "--limit", "5"}), kOk);
  EXPECT_TRUE(orders_.listed.open_only());
  EXPECT_EQ(orders_.listed.page_size(), 5);
}

TEST_F(CliTest, InstrumentsAreSyncedAndFound) {
  EXPECT_EQ(Run({"instruments", "sync"}), kOk);
  EXPECT_NE(out_.str().find("126978 records"), std::string::npos);
  EXPECT_NE(out_.str().find("WARNING LIST_NOT_READ: mtf"), std::string::npos);
  EXPECT_NE(out_.str().find("list suspended: 33930 rows"), std::string::npos);
  EXPECT_NE(out_.str().find("29000 puts"), std::string::npos);
  EXPECT_EQ(Run({"instruments", "find", "infosys", "eq"}), kOk);
  EXPECT_EQ(instruments_.query, "infosys eq");
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos) << "a simulated master is marked";
  EXPECT_EQ(out_.str().find('\x1b'), std::string::npos) << "a name cannot command the terminal";
  EXPECT_EQ(Run({"instruments", "find", "nothing"}), kRefused);
}

TEST_F(CliTest, ASyncWaitsForAnotherWhenAsked) {
  instruments_.running_syncs = 1;
  EXPECT_EQ(Run({"instruments", "sync"}), kRefused);
  instruments_.running_syncs = 2;
  EXPECT_EQ(Run({"instruments", "sync", "--wait"}), kOk) << err_.str();
  EXPECT_EQ(instruments_.running_syncs, 0);
}

TEST_F(CliTest, InstrumentsAreAskedAbout) {
  EXPECT_EQ(Run({"instruments", "get", "NIFTY", "--as-of", "2026-09-01"}), kOk) << err_.str();
  EXPECT_EQ(instruments_.as_of, "2026-09-01");
  EXPECT_NE(out_.str().find("NFO:NIFTY01SEP2622200CE"), std::string::npos);
  EXPECT_NE(out_.str().find("26.5 %"), std::string::npos);
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos);
  EXPECT_EQ(Run({"instruments", "expiries", "NIFTY"}), kOk);
  EXPECT_NE(out_.str().find("2026-09-01"), std::string::npos);
  EXPECT_EQ(Run({"instruments", "chain", "NIFTY", "--near", "24900.5", "--strikes", "7"}), kOk);
  EXPECT_EQ(instruments_.strikes, 7);
  EXPECT_NE(out_.str().find("24900.5"), std::string::npos);
  EXPECT_EQ(Run({"instruments", "syncs"}), kOk);
  EXPECT_NE(out_.str().find("SOURCE_DOWN"), std::string::npos);
  EXPECT_EQ(out_.str().find('\x1b'), std::string::npos) << "no text commands the terminal";
  EXPECT_EQ(Run({"instruments", "changes", "--after", "41"}), kOk);
  EXPECT_NE(out_.str().find("42"), std::string::npos);
  EXPECT_NE(out_.str().find("FREEZE_QUANTITY"), std::string::npos);
}

TEST_F(CliTest, InstrumentsAreListed) {
  EXPECT_EQ(Run({"instruments", "list", "--kind", "equity", "--mtf", "--limit", "7"}), kOk)
      << err_.str();
  EXPECT_EQ(instruments_.listed, "kind: INSTRUMENT_KIND_EQUITY page_size: 7 mtf: true");
  EXPECT_NE(out_.str().find("5x"), std::string::npos);
  EXPECT_NE(out_.str().find("1 of 12"), std::string::npos);
  EXPECT_EQ(Run({"instruments", "suspended", "INE009A01021"}), kOk) << err_.str();
  EXPECT_NE(out_.str().find("NSE_EQ|INE009A01021"), std::string::npos);
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos);
  EXPECT_EQ(out_.str().find('\x1b'), std::string::npos) << "no text commands the terminal";
  EXPECT_EQ(Run({"instruments", "expired", "NIFTY", "--expiry", "2025-09-30", "--kind", "future"}),
            kOk)
      << err_.str();
  EXPECT_EQ(instruments_.listed,
            R"(underlying: "NIFTY" expiry: "2025-09-30" kind: INSTRUMENT_KIND_FUTURE)");
  EXPECT_NE(out_.str().find("NIFTY FUT 30 SEP 25"), std::string::npos);
}

TEST_F(CliTest, TellsWhenMarketsTrade) {
  EXPECT_EQ(Run({"market", "status"}), kOk) << err_.str();
  EXPECT_NE(out_.str().find("pre open"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("BROKER_DOWN"), std::string::npos);
  EXPECT_NE(out_.str().find("not known"), std::string::npos) << "the year's holidays";
  EXPECT_EQ(out_.str().find('\x1b'), std::string::npos);
  EXPECT_EQ(Run({"market", "holidays", "--year", "2026"}), kOk);
  EXPECT_EQ(calendar_.year, 2026);
  EXPECT_NE(out_.str().find("MCX 17:00 to 23:55"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos);
  EXPECT_EQ(Run({"market", "timings", "2026-03-04"}), kOk);
  EXPECT_NE(out_.str().find("NSE"), std::string::npos);
  EXPECT_EQ(Run({"market", "timings", "2026-03-03"}), kOk);
  EXPECT_NE(out_.str().find("nothing trades on 2026-03-03"), std::string::npos);
  EXPECT_EQ(Run({"--json", "market", "timings", "2026-03-04"}), kOk);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["date"], "2026-03-04");
}

TEST_F(CliTest, RefreshesNoCalendarThatTheAuditDoesNotKnowOf) {
  keys_.refuse_acts = true;
  EXPECT_EQ(Run({"market", "refresh"}), kUnavailable);
  EXPECT_EQ(calendar_.refreshed, 0);
  keys_.refuse_acts = false;
  EXPECT_EQ(Run({"market", "refresh"}), kOk);
  EXPECT_EQ(calendar_.refreshed, 1);
  EXPECT_EQ(keys_.recorded.back(), "calendar.refresh calendar");
}

TEST_F(CliTest, TailFollowsTypesUnderlyingsAndTheUniverse) {
  EXPECT_EQ(Run({"feed", "tail", "--type", "options", "--type", "futures", "--underlying", "NIFTY",
                 "--underlying", "NSE_EQ|INE009A01021", "--universe", "fo", "--count", "1"}),
            kOk)
      << err_.str();
  const feed_pb::StreamTicksRequest opened = feed_.opened();
  EXPECT_EQ(opened.add_size(), 0);
  ASSERT_EQ(opened.follow_kinds_size(), 2);
  EXPECT_EQ(opened.follow_kinds(0), feed_pb::KIND_OPTION);
  ASSERT_EQ(opened.follow_underlyings_size(), 2);
  EXPECT_EQ(opened.follow_underlyings(1), "NSE_EQ|INE009A01021");
  EXPECT_EQ(opened.follow_universe(), feed_pb::UNIVERSE_FO);
  EXPECT_EQ(Run({"feed", "tail", "--universe", "FO", "--count", "1"}), kOk) << "alone";
}

TEST_F(CliTest, TailShowsLinesJsonAndATable) {
  EXPECT_EQ(Run({"feed", "tail", "NSE_INDEX|Nifty 50", "--count", "3"}), kOk) << err_.str();
  EXPECT_NE(out_.str().find("26000.05"), std::string::npos);
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos);
  EXPECT_EQ(Run({"--json", "feed", "tail", "--all", "--count", "3"}), kOk);
  std::istringstream lines{out_.str()};
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_EQ(nlohmann::json::parse(line)["simulated"], true);
  }
  EXPECT_EQ(count, 3);
  terminal_ = true;
  EXPECT_EQ(Run({"feed", "tail", "NSE_INDEX|Nifty 50", "--seconds", "1"}), kOk);
  EXPECT_NE(out_.str().find("\x1b[K"), std::string::npos);
}

TEST_F(CliTest, TheTableShowsTheLastTickOfAQuietMarket) {
  feed_.last_seq = 3;
  terminal_ = true;
  EXPECT_EQ(Run({"feed", "tail", "NSE_INDEX|Nifty 50", "--seconds", "1"}), kOk);
  EXPECT_NE(out_.str().find("feed LIVE, 3 ticks"), std::string::npos) << out_.str();
}

TEST(TickTableTest, DrawsEveryChangeButNotTooOften) {
  std::ostringstream out;
  TickTable table{out};
  const auto drawn = [&](std::chrono::milliseconds at) {
    out.str("");
    table.DrawIfDue(std::chrono::steady_clock::time_point{std::chrono::hours{1}} + at);
    return out.str();
  };
  using std::chrono::milliseconds;
  feed_pb::TickBatch batch;
  batch.set_count(1);
  batch.set_connection(feed_pb::CONNECTION_STATE_QUIET);
  table.Take(batch);
  EXPECT_NE(drawn(milliseconds{0}).find("feed QUIET, 1 ticks"), std::string::npos);
  EXPECT_EQ(drawn(milliseconds{500}), "") << "nothing changed";
  EXPECT_EQ(drawn(milliseconds{501}), "");
  table.Take(batch);
  EXPECT_NE(drawn(milliseconds{600}).find("2 ticks"), std::string::npos);
  table.Take(batch);
  EXPECT_EQ(drawn(milliseconds{699}), "") << "too soon";
  EXPECT_NE(drawn(milliseconds{700}).find("3 ticks"), std::string::npos) << "without another batch";
  batch.set_connection(feed_pb::CONNECTION_STATE_STALE);
  table.Take(batch);
  EXPECT_NE(drawn(milliseconds{701}).find("feed STALE"), std::string::npos) << "at once";
  table.Take(batch);
  out.str("");
  table.DrawRest();
  EXPECT_NE(out.str().find("5 ticks"), std::string::npos) << "at the end";
  out.str("");
  table.DrawRest();
  EXPECT_EQ(out.str(), "");
}

TEST_F(CliTest, TailEndsWhenTheFeedRefusesOrIsSilent) {
  EXPECT_EQ(Run({"feed", "tail", "NOBODY"}), kRefused);
  EXPECT_NE(err_.str().find("instruments find"), std::string::npos) << "the remedy";
  feed_.silent = true;
  EXPECT_EQ(Run({"feed", "tail", "X", "--timeout-ms", "200"}), kUnavailable);
  EXPECT_EQ(Run({"feed", "tail", "X", "--feed-address", "127.0.0.1:1"}), kUnavailable);
}

TEST_F(CliTest, SubscribesInAMode) {
  EXPECT_EQ(Run({"feed", "subscribe", "A", "B", "--mode", "ltpc"}), kOk);
  EXPECT_EQ(feed_.mode, feed_pb::MODE_LTPC);
  EXPECT_EQ(out_.str(), "A\nB\n");
}

TEST_F(CliTest, SubscribesByTypeUnderlyingAndUniverse) {
  EXPECT_EQ(Run({"feed", "subscribe", "--type", "options", "--underlying", "NIFTY", "--limit",
                 "600", "--near", "24000.5", "--segment", "NSE_FO"}),
            kOk);
  const feed_pb::Selection selection = feed_.subscribed.selection();
  EXPECT_EQ(selection.kind(), feed_pb::KIND_OPTION);
  EXPECT_EQ(selection.underlying(), "NIFTY");
  EXPECT_EQ(selection.limit(), 600U);
  EXPECT_EQ(selection.near_price(), 24'000.5);
  EXPECT_EQ(selection.segment(), "NSE_FO");
  EXPECT_EQ(out_.str(), "NSE_FO|1\n");
  EXPECT_EQ(err_.str(), "options: 500 of 1577, the feed's --limit-options 500\n");
  EXPECT_EQ(Run({"feed", "subscribe", "X", "--universe", "fo", "--exclude", "A", "--exclude", "B"}),
            kOk);
  EXPECT_EQ(feed_.subscribed.selection().universe(), feed_pb::UNIVERSE_FO);
  EXPECT_EQ(feed_.subscribed.selection().exclude_size(), 2);
  EXPECT_EQ(feed_.subscribed.names_size(), 1);
}

TEST_F(CliTest, SubscribesWhatCanBeAndTellsTheRest) {
  EXPECT_EQ(Run({"feed", "subscribe", "A", "NO", "--partial"}), kOk);
  EXPECT_TRUE(feed_.subscribed.partial());
  EXPECT_EQ(err_.str(), "left out: no instrument goes by NO\n");
}

TEST_F(CliTest, SubscribingNothingIsRefused) {
  EXPECT_EQ(Run({"feed", "subscribe"}), kUsage);
  EXPECT_EQ(Run({"feed", "subscribe", "--type", "bonds"}), kUsage);
  EXPECT_EQ(Run({"feed", "subscribe", "--type", "index", "--limit", "0"}), kUsage);
}

TEST_F(CliTest, LoginWaitsForTheBrowser) {
  auth_.logged_in_after = 2;
  EXPECT_EQ(Run({"login"}), kOk);
  EXPECT_NE(err_.str().find("https://broker.example/dialog?state=s1"), std::string::npos);
  EXPECT_NE(out_.str().find("AB1234"), std::string::npos);
  auth_.logged_in_after = 1'000;
  EXPECT_EQ(Run({"login", "--wait", "1"}), kNotLoggedIn);
}

TEST_F(CliTest, LoginIsNeededWhileOnlyTheMarketCanBeRead) {
  auth_.access_after = 2;
  EXPECT_EQ(Run({"login"}), kOk);
  EXPECT_NE(err_.str().find("https://broker.example/dialog?state=s1"), std::string::npos);
  EXPECT_EQ(auth_.asked_status, 3) << "waits for the access token";
  auth_.access_after = 1'000;
  EXPECT_EQ(Run({"login", "--wait", "1"}), kNotLoggedIn);
  EXPECT_EQ(Run({"status"}), kNotLoggedIn);
  EXPECT_NE(out_.str().find("MARKET DATA ONLY"), std::string::npos) << out_.str();
  EXPECT_EQ(Run({"status", "--json"}), kNotLoggedIn);
  EXPECT_NE(out_.str().find("\"logged_in\": false"), std::string::npos) << out_.str();
}

TEST_F(CliTest, LoginTakesACodeOrTheAddressWithIt) {
  auth_.logged_in_after = 1'000;
  typed_ = "mk404x";
  EXPECT_EQ(Run({"login", "--code"}), kOk);
  EXPECT_EQ(auth_.code, "mk404x");
  EXPECT_EQ(auth_.state, "s1");
  typed_ = "http://127.0.0.1:8080/callback?code=zz9&state=s2";
  EXPECT_EQ(Run({"login", "--code"}), kOk);
  EXPECT_EQ(auth_.code, "zz9");
  EXPECT_EQ(auth_.state, "s2");
}

TEST_F(CliTest, LoginAtATerminalTakesWhicheverComesFirst) {
  auth_.logged_in_after = 1'000;
  read_while_ = [](const std::string&, const std::function<bool()>& go_on) {
    EXPECT_TRUE(go_on());
    return std::optional<std::string>{" http://127.0.0.1/cb?code=a%2Bb&state=s3#x "};
  };
  EXPECT_EQ(Run({"login"}), kOk);
  EXPECT_EQ(auth_.code, "a+b");
  EXPECT_EQ(auth_.state, "s3");
  EXPECT_EQ((out_.str() + err_.str()).find("a+b"), std::string::npos);
  auth_.asked_status = 0;
  auth_.logged_in_after = 2;
  auth_.code.clear();
  read_while_ = [](const std::string&, const std::function<bool()>& go_on) {
    while (go_on()) {
    }
    return std::optional<std::string>{};
  };
  EXPECT_EQ(Run({"login"}), kOk) << "the callback came";
  EXPECT_EQ(auth_.code, "");
  auth_.logged_in_after = 1'000'000;  // more than anybody asks in a second
  EXPECT_EQ(Run({"login", "--wait", "1"}), kNotLoggedIn) << "nothing came";
  read_while_ = [](const std::string&, const std::function<bool()>&) {
    return std::optional<std::string>{};
  };
  auth_.asked_status = 0;
  auth_.logged_in_after = 2;
  EXPECT_EQ(Run({"login"}), kOk) << "the input has ended, the callback may still come";
}

TEST_F(CliTest, LoginByConsentSaysWhatToDoAndWaits) {
  auth_.logged_in_after = 2;
  EXPECT_EQ(Run({"login", "--approve"}), kOk);
  EXPECT_NE(err_.str().find("before 2025-12-16 03:30:00 IST"), std::string::npos) << err_.str();
  EXPECT_NE(err_.str().find("--again"), std::string::npos) << "it was pending";
  auth_.asked_status = 0;
  EXPECT_EQ(Run({"login", "--approve", "--again"}), kOk);
  EXPECT_TRUE(auth_.asked_again);
  EXPECT_NE(err_.str().find("WARNING"), std::string::npos) << "the notifier is another";
  EXPECT_EQ(Run({"login", "--again"}), kUsage);
  EXPECT_EQ(Run({"login", "--approve", "--token"}), kUsage);
}

TEST_F(CliTest, ShowsWhatTheBrokerKnowsOfTheAccount) {
  EXPECT_EQ(Run({"account", "profile"}), kOk);
  EXPECT_NE(out_.str().find("SIMULATED"), std::string::npos);
  EXPECT_NE(out_.str().find("A?[31m"), std::string::npos) << "safe for a terminal";
  EXPECT_EQ(Run({"account", "funds"}), kOk);
  EXPECT_NE(out_.str().find("1512.45"), std::string::npos);
  EXPECT_NE(out_.str().find("available_to_trade.total"), std::string::npos);
  EXPECT_EQ(Run({"account", "static-ip"}), kOk);
  EXPECT_NE(out_.str().find("198.51.100.1"), std::string::npos);
  EXPECT_NE(out_.str().find("UDAPI1154"), std::string::npos) << out_.str();
  EXPECT_EQ(Run({"account", "kill-switch"}), kOk);
  EXPECT_NE(out_.str().find("STOPPED"), std::string::npos);
  EXPECT_EQ(Run({"--json", "account", "funds"}), kOk);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["equity"]["available"], "1512.45");
  EXPECT_EQ(Run({"--account", "out", "account", "profile"}), kNotLoggedIn);
  EXPECT_EQ(Run({"account"}), kUsage);
}

TEST_F(CliTest, RotatesTheVaultAndSaysWhatIsLeft) {
  EXPECT_EQ(Run({"vault", "rotate"}), kOk);
  EXPECT_NE(out_.str().find("3 tokens sealed anew"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("older keys can leave"), std::string::npos) << out_.str();
  vault_.unopened = 1;
  EXPECT_EQ(Run({"vault", "rotate"}), kRefused);
  EXPECT_NE(out_.str().find("1 COULD NOT BE OPENED"), std::string::npos) << out_.str();
}

TEST_F(CliTest, LoginTakesTokensOfEveryKind) {
  typed_ = kCanary;
  EXPECT_EQ(Run({"login", "--token"}), kOk);
  EXPECT_EQ(auth_.kind, auth_pb::TOKEN_KIND_ACCESS);
  EXPECT_EQ(Run({"login", "--token", "--kind", "analytics"}), kOk);
  EXPECT_EQ(auth_.kind, auth_pb::TOKEN_KIND_ANALYTICS);
  EXPECT_EQ(Run({"login", "--token", "--kind", "extended"}), kOk);
  EXPECT_EQ(auth_.kind, auth_pb::TOKEN_KIND_EXTENDED);
  EXPECT_EQ(Run({"login", "--token", "--kind", "refresh"}), kUsage);
}

TEST_F(CliTest, LoginTakesATokenAndNeverShowsIt) {
  typed_ = std::string{" "} + kCanary + "\r";
  EXPECT_EQ(Run({"login", "--token"}), kOk);
  EXPECT_EQ(auth_.token, kCanary);
  EXPECT_EQ((out_.str() + err_.str()).find(kCanary), std::string::npos);
  typed_ = "wrong";
  EXPECT_EQ(Run({"login", "--token"}), kRefused);
  EXPECT_EQ((out_.str() + err_.str()).find("wrong"), std::string::npos);
  typed_ = "";
  EXPECT_EQ(Run({"login", "--token"}), kRefused);
}

TEST_F(CliTest, AddressesComeFromFlagVariableFileThenDefault) {
  const std::string file = testing::TempDir() + "endpoints.json";
  std::ofstream{file} << R"({"orders": {"address": ")" << address_ << R"("}, "auth": 7})";
  EXPECT_EQ(RunPlain({"orders", "list", "--endpoints", file}), kOk);
  environment_["SAUDA_ORDERS_ADDRESS"] = "127.0.0.1:1";
  EXPECT_EQ(RunPlain({"orders", "list", "--endpoints", file}), kUnavailable);
  EXPECT_EQ(RunPlain({"orders", "list", "--orders-address", address_, "--endpoints", file}), kOk);
  std::ofstream{file} << "not json";
  EXPECT_EQ(RunPlain({"orders", "list", "--endpoints", file}), kUsage);
  EXPECT_EQ(RunPlain({"orders", "list", "--endpoints", "/nowhere"}), kUsage);
}

TEST(PrintTest, NumbersAndTimesForPeople) {
  EXPECT_EQ(Price(26'000.05), "26000.05");
  EXPECT_EQ(Price(84.3325), "84.3325");
  EXPECT_EQ(IstTime(1'765'771'200'000), "2025-12-15 09:30:00");
  EXPECT_EQ(IstTime(0), "-");
  EXPECT_EQ(Span(59), "59 s");
  EXPECT_EQ(Span(60), "1 min 0 s");
  EXPECT_EQ(Span(3'700), "1 h 1 min");
}

TEST_F(CliTest, MakesAKeyAndShowsItAloneOnTheOutput) {
  EXPECT_EQ(Run({"keys", "create", "bot", "--scopes", "read,trade", "--accounts", "a,b"}), kOk);
  EXPECT_EQ(out_.str(), std::string{FakeKeys::kKeyText} + "\n") << "so that a script can take it";
  EXPECT_EQ(err_.str().find(FakeKeys::kKeyText), std::string::npos);
  EXPECT_NE(err_.str().find("read,trade, accounts: a,b"), std::string::npos) << err_.str();
  EXPECT_EQ(keys_.created.scopes_size(), 2);
  EXPECT_EQ(keys_.created.accounts_size(), 2);
  EXPECT_GT(keys_.created.expires_ms(), 0) << "a year, when nothing is said";
  EXPECT_EQ(Run({"keys", "create", "bot", "--scopes", "admin", "--days", "0"}), kOk);
  EXPECT_EQ(keys_.created.expires_ms(), 0);
  EXPECT_EQ(Run({"keys", "create", "taken", "--scopes", "read"}), kRefused);
  EXPECT_NE(err_.str().find("keys ls"), std::string::npos);
  EXPECT_EQ(Run({"keys", "create", "bot"}), kUsage) << "no scopes";
  EXPECT_EQ(Run({"keys", "create", "bot", "--scopes", "root"}), kUsage);
}

TEST_F(CliTest, ListsKeysAndRevokesOne) {
  EXPECT_EQ(Run({"keys", "ls"}), kOk);
  EXPECT_NE(out_.str().find("living"), std::string::npos);
  EXPECT_EQ(out_.str().find("dead"), std::string::npos);
  EXPECT_EQ(Run({"keys", "ls", "--all"}), kOk);
  EXPECT_NE(out_.str().find("revoked"), std::string::npos) << "of the second page";
  EXPECT_EQ(Run({"keys", "revoke", "aaaaaaaaaaaaaaaa"}), kOk);
  EXPECT_EQ(Run({"keys", "revoke", "bbbbbbbbbbbbbbbb"}), kRefused);
}

TEST_F(CliTest, ShowsTheAuditAndSaysWhetherItHolds) {
  EXPECT_EQ(Run({"audit", "ls", "--limit", "2"}), kOk);
  EXPECT_NE(out_.str().find("key.created"), std::string::npos);
  EXPECT_EQ(Run({"--json", "audit", "ls", "--limit", "2"}), kOk);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["rows"].size(), 2U);
  EXPECT_EQ(Run({"audit", "verify"}), kOk);
  EXPECT_NE(out_.str().find("head 2:abcd"), std::string::npos);
  EXPECT_FALSE(keys_.verified.has_expected());
  EXPECT_EQ(Run({"audit", "verify", "--expect", "2:abcd"}), kOk);
  EXPECT_EQ(keys_.verified.expected().seq(), 2);
  EXPECT_EQ(keys_.verified.expected().hash(), "abcd");
  EXPECT_EQ(Run({"audit", "verify", "--expect", "abcd"}), kUsage);
  keys_.broken = true;
  EXPECT_EQ(Run({"audit", "verify"}), kRefused);
  EXPECT_NE(out_.str().find("BROKEN at row 3: ROW_CHANGED"), std::string::npos) << out_.str();
}

TEST_F(CliTest, SyncsNothingThatTheAuditDoesNotKnow) {
  keys_.refuse_acts = true;
  EXPECT_EQ(Run({"instruments", "sync"}), kUnavailable);
  EXPECT_EQ(keys_.recorded, std::vector<std::string>{"instruments.sync master"});
  keys_.refuse_acts = false;
  EXPECT_EQ(Run({"instruments", "sync"}), kOk);
}

}  // namespace
}  // namespace sauda::cli
