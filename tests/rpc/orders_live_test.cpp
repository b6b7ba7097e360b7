#include <condition_variable>
#include <optional>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/server.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "services/orders/src/live_route.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/orders_fakes.hpp"
#include "tests/support/scripted_order_broker.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;
using Next = ScriptedOrderBroker::Next;
using What = Watchman::What;

/// Gives one token and keeps the stream open.
class FakeAuth final : public auth::v1alpha1::AuthService::Service {
 public:
  grpc::Status WatchToken(grpc::ServerContext* context, const auth::v1alpha1::WatchTokenRequest*,
                          grpc::ServerWriter<auth::v1alpha1::TokenEvent>* writer) override {
    std::optional<bool> told;
    while (!context->IsCancelled() && !stopping) {
      if (told != logged_in.load()) {
        told = logged_in.load();
        auth::v1alpha1::TokenEvent event;
        if (*told) {
          event.mutable_token()->set_access_token("token-1");
          event.mutable_token()->set_expires_ms(1);  // over by the wall clock; auth knows better
        } else {
          event.mutable_gone()->set_reason("LOGGED_OUT");
        }
        writer->Write(event);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return grpc::Status::OK;
  }
  std::atomic<bool> logged_in{true};
  std::atomic<bool> stopping{false};
};

/// The live route over a scripted broker, with a ledger in memory.
class OrdersLiveTest : public testing::Test, protected DeskFixture {
 protected:
  void SetUp() override {
    StartRoute();
    ASSERT_TRUE(Eventually([this] { return Ready(); })) << Why();
  }
  void StartRoute() {
    ASSERT_TRUE(auth_server_.Start({.listen = "127.0.0.1:0"}, {&auth_}));
    config_.broker.sim_url = broker_.url();
    config_.broker.ca_file = broker_.ca_file();
    config_.route = sauda::OrderRoute::kLive;
    config_.broker_deadline = std::chrono::milliseconds{2'000};
    config_.settle_every = std::chrono::milliseconds{20};
    config_.never_arrived_after = std::chrono::milliseconds{200};
    store_.Start();
    auto route = LiveRoute::Make(
        {.config = config_,
         .auth_channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(auth_server_.port()),
                                             grpc::InsecureChannelCredentials()),
         .clock = system_clock_,
         .market_clock = broker_clock_,
         .dependencies = dependencies_,
         .metrics = metrics_,
         .watchman = watchman,
         .ledger = ledger,
         .instruments = instruments,
         .store = store_});
    ASSERT_TRUE(route) << route.error().message;
    route_ = *std::move(route);
    auto parts = PartsWith(route_->venue());
    live_.emplace(OrderDesk::Parts{.account_id = parts.account_id,
                                   .ledger = ledger,
                                   .instruments = instruments,
                                   .venue = route_->venue(),
                                   .listener = listener,
                                   .watchman = watchman,
                                   .clock = system_clock_,
                                   .market_clock = broker_clock_,
                                   .make_tag = parts.make_tag});
    route_->Start(*live_);
  }
  void TearDown() override {
    route_.reset();
    auth_.stopping = true;
    auth_server_.Stop();
  }
  bool Ready() { return route_->venue().CheckReady().has_value(); }
  std::string Why() {
    const auto ready = route_->venue().CheckReady();
    return ready ? "" : ready.error().reason + ": " + ready.error().message;
  }
  Order Get(const std::string& id) {
    const auto order = live_->Get({"", id});
    EXPECT_TRUE(order) << order.error().message;
    return order.value_or(Order{});
  }
  bool Reaches(const std::string& id, S state) {
    return Eventually([&] { return Get(id).state == state; });
  }

  ScriptedOrderBroker broker_;
  FakeAuth auth_;
  rpc::Server auth_server_;
  Config config_;
  SystemClock system_clock_;
  MarketClock broker_clock_{system_clock_, MarketClock::Source::kBroker};
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  telemetry::Dependencies dependencies_{registry_, "orders", {"auth", "broker"}};
  StoreKeeper store_{{.migrate = [] { return Result<void>{}; },
                      .ask = [] { return Result<void>{}; },
                      .tell = [](const Result<void>&) {}}};
  std::optional<OrderDesk> live_;
  std::unique_ptr<LiveRoute> route_;
};

TEST_F(OrdersLiveTest, AnOrderGoesOutOnceWithOurTagAndTheStreamTellsTheRest) {
  const auto placed = live_->Place(BuyOneLot());
  ASSERT_TRUE(placed) << placed.error().message;
  EXPECT_EQ(placed->broker_order_ids, std::vector<std::string>{"251215000001"});
  EXPECT_EQ(placed->route, Route::kLive);
  EXPECT_TRUE(placed->simulated);
  const auto sent = broker_.Placed();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0]["tag"], "tag-1");
  EXPECT_EQ(sent[0]["transaction_type"], "BUY");
  EXPECT_EQ(sent[0]["order_type"], "LIMIT");
  EXPECT_EQ(sent[0]["product"], "I");
  EXPECT_EQ(sent[0]["quantity"], 75);
  EXPECT_EQ(sent[0]["price"], 26'000);
  broker_.Step("tag-1",
               {{"status", "open"}, {"filled_quantity", 25}, {"average_price", 25'999.95}});
  EXPECT_TRUE(Reaches("c1", S::kOpen));
  broker_.Step("tag-1", {{"status", "complete"}, {"filled_quantity", 75}});
  EXPECT_TRUE(Reaches("c1", S::kFilled));
  EXPECT_EQ(Get("c1").average_price, D("25999.95"));
}

TEST_F(OrdersLiveTest, AFillIsConfirmedOnceItsTradesAreTold) {
  ASSERT_TRUE(live_->Place(BuyOneLot()));
  broker_.Step("tag-1", {{"status", "complete"}, {"filled_quantity", 75}});
  ASSERT_TRUE(Reaches("c1", S::kFilled));
  ASSERT_TRUE(Eventually([this] { return broker_.trade_reads() > 1; }));
  EXPECT_FALSE(IsConfirmed(Get("c1")));
  broker_.Trade("tag-1", {{"trade_id", "50091502"}, {"quantity", 25}});
  broker_.Trade("tag-1", {{"trade_id", 50091503}, {"quantity", 50}, {"average_price", 26000.05}});
  ASSERT_TRUE(Eventually([this] { return IsConfirmed(Get("c1")); }, std::chrono::seconds{30}));
  const auto deals = DealsOfOrder(ledger, {"main", "c1"});
  ASSERT_EQ(deals->size(), 2U);
  const portfolio::Trade& trade = deals->back().deal.trade;
  EXPECT_EQ(trade.id, "50091503");
  EXPECT_EQ(trade.price, D("26000.05"));
  EXPECT_EQ(trade.market_ms, kMondayMs);
  EXPECT_EQ(trade.order_id, "251215000001");
  EXPECT_TRUE(deals->back().deal.charged);
  EXPECT_TRUE(deals->back().simulated);
  // Nothing is missing: more changes of other kinds ask for no trades.
  const int reads = broker_.trade_reads();
  ASSERT_TRUE(live_->Place(BuyOneLot("c2")));
  broker_.Step("tag-2", {{"status", "open"}});
  EXPECT_TRUE(Reaches("c2", S::kOpen));
  broker_.Step("tag-2", {{"status", "cancelled"}});
  EXPECT_TRUE(Reaches("c2", S::kCancelled));
  EXPECT_EQ(broker_.trade_reads(), reads);
}

TEST_F(OrdersLiveTest, TradesOfFillsThatABreakHidAreReadAfterIt) {
  ASSERT_TRUE(live_->Place(BuyOneLot()));
  broker_.CloseBook(true);
  broker_.BreakStream();
  ASSERT_TRUE(Eventually([this] { return !Ready(); }));
  broker_.Step("tag-1", {{"status", "complete"}, {"filled_quantity", 75}}, false);
  broker_.Trade("tag-1", {{"trade_id", "1"}, {"quantity", 75}});
  broker_.CloseBook(false);
  EXPECT_TRUE(Eventually([this] { return IsConfirmed(Get("c1")); }, std::chrono::seconds{30}));
}

TEST_F(OrdersLiveTest, ALostAnswerIsSettledByTagAndNeverSentTwice) {
  broker_.Do(Next::kLoseAnswer);
  const auto placed = live_->Place(BuyOneLot());
  ASSERT_TRUE(placed) << placed.error().message;
  EXPECT_EQ(placed->state, S::kUnknown);
  EXPECT_TRUE(Reaches("c1", S::kPending));
  EXPECT_EQ(Get("c1").broker_order_ids, std::vector<std::string>{"251215000001"});
  EXPECT_EQ(live_->Place(BuyOneLot())->state, S::kPending);
  EXPECT_EQ(broker_.Placed().size(), 1U);
  EXPECT_TRUE(Eventually([this] { return watchman.Count(What::kSettled) == 1; }));
}

TEST_F(OrdersLiveTest, ALostRequestIsFoundNeverToHaveArrived) {
  broker_.Do(Next::kLoseRequest);
  EXPECT_EQ(live_->Place(BuyOneLot())->state, S::kUnknown);
  EXPECT_TRUE(Reaches("c1", S::kNotSent));
  EXPECT_EQ(Get("c1").reason, "NEVER_ARRIVED");
  EXPECT_EQ(broker_.Placed().size(), 1U);
}

TEST_F(OrdersLiveTest, AServerErrorLeavesTheOrderUnknown) {
  broker_.CloseBook(true);  // so that it stays
  broker_.Do(Next::kFail);
  EXPECT_EQ(live_->Place(BuyOneLot())->state, S::kUnknown);
  EXPECT_EQ(live_->Cancel({"", "c1"}).error().reason, "ORDER_STATE_UNKNOWN");
}

TEST_F(OrdersLiveTest, ARefusalHasTheBrokersCode) {
  broker_.Do(Next::kRefuse);
  const auto placed = live_->Place(BuyOneLot());
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->state, S::kRejected);
  EXPECT_EQ(placed->reason, "UDAPI1052");
}

TEST_F(OrdersLiveTest, TheRestOfAnIocOrderIsCancelled) {
  NewOrder ioc = BuyOneLot();
  ioc.validity = Validity::kIoc;
  ASSERT_TRUE(live_->Place(ioc));
  EXPECT_EQ(broker_.Placed().at(0)["validity"], "IOC");
  broker_.Step("tag-1", {{"status", "cancelled"}, {"filled_quantity", 25}});
  EXPECT_TRUE(Reaches("c1", S::kCancelled));
  EXPECT_EQ(Get("c1").filled_quantity, 25);
}

TEST_F(OrdersLiveTest, ModifiesAndCancels) {
  ASSERT_TRUE(live_->Place(BuyOneLot()));
  ASSERT_TRUE(live_->Modify({"", "c1"}, {.price = D("25990.05")}));
  EXPECT_EQ(broker_.modified()["order_id"], "251215000001");
  EXPECT_EQ(broker_.modified()["price"], 25'990.05);
  broker_.Step("tag-1", {{"status", "modified"}, {"price", 25'990.05}});
  EXPECT_TRUE(Eventually([this] { return Get("c1").terms.price == D("25990.05"); }));
  broker_.Do(Next::kRefuse);
  const auto refused = live_->Cancel({"", "c1"});
  EXPECT_EQ(refused.error().reason, "BROKER_REFUSED");
  EXPECT_NE(refused.error().message.find("UDAPI100040"), std::string::npos);
  broker_.Do(Next::kLoseAnswer);
  EXPECT_EQ(live_->Modify({"", "c1"}, {.price = D("25980")}).error().reason, "MODIFY_UNSETTLED");
  EXPECT_EQ(live_->Cancel({"", "c1"}).error().reason, "CANCEL_UNSETTLED");
  broker_.Step("tag-1", {{"status", "cancelled"}}, false);  // only the book tells of it
  EXPECT_TRUE(Reaches("c1", S::kCancelled));
}

TEST_F(OrdersLiveTest, AfterABreakTheBookIsReadBeforeOrdersGoOn) {
  ASSERT_TRUE(live_->Place(BuyOneLot()));
  broker_.CloseBook(true);
  broker_.BreakStream();
  ASSERT_TRUE(Eventually([this] { return !Ready(); }));
  EXPECT_EQ(live_->Place(BuyOneLot("c2")).error().reason, "NOT_RECONCILED");
  broker_.Step("tag-1", {{"status", "complete"}, {"filled_quantity", 75}}, false);
  broker_.PlaceElsewhere({{"order_id", "251215000099"},
                          {"status", "open"},
                          {"instrument_token", "NSE_FO|53001"},
                          {"transaction_type", "SELL"},
                          {"order_type", "LIMIT"},
                          {"product", "I"},
                          {"validity", "DAY"},
                          {"quantity", 75},
                          {"price", 27'000}});
  broker_.CloseBook(false);
  ASSERT_TRUE(Eventually([this] { return Ready(); }, std::chrono::seconds{20})) << Why();
  EXPECT_EQ(Get("c1").state, S::kFilled);
  EXPECT_EQ(Get("ext-251215000099").state, S::kOpen);
  EXPECT_GE(broker_.streams(), 2);
}

TEST_F(OrdersLiveTest, WithoutATokenNothingIsSent) {
  auth_.logged_in = false;
  ASSERT_TRUE(Eventually([this] { return !Ready(); }));
  EXPECT_EQ(live_->Place(BuyOneLot()).error().reason, "TOKEN_MISSING");
  EXPECT_TRUE(broker_.Placed().empty());
  auth_.logged_in = true;
  EXPECT_TRUE(Eventually([this] { return Ready(); })) << Why();
}

TEST_F(OrdersLiveTest, AnUpdateNobodyUnderstandsStopsNothing) {
  ASSERT_TRUE(live_->Place(BuyOneLot()));
  broker_.Step("tag-1", {{"status", "on the moon"}});
  EXPECT_TRUE(Eventually([this] { return watchman.Count(What::kNotUnderstood) > 0; }));
  broker_.Step("tag-1", {{"status", "open"}});
  EXPECT_TRUE(Reaches("c1", S::kOpen));
}

/// Where the simulator should be stands something that does not say it is one.
class UnmarkedBrokerTest : public OrdersLiveTest {
 protected:
  void SetUp() override {
    broker_.Mark(false);
    StartRoute();
  }
};

TEST_F(UnmarkedBrokerTest, IsTakenForNoSimulator) {
  ASSERT_TRUE(Eventually([this] { return metrics_.stream_breaks.Value() > 0; }));
  EXPECT_TRUE(Why().starts_with("NOT_SIMULATED")) << Why();
  EXPECT_EQ(live_->Place(BuyOneLot()).error().reason, "NOT_SIMULATED");
  // Not even what rests there already, or was committed before, is written to.
  Order resting{.request = BuyOneLot(), .broker_order_ids = {"1"}};
  EXPECT_FALSE(route_->venue().Cancel(resting));
  EXPECT_FALSE(route_->venue().Modify(resting, resting.terms));
  EXPECT_TRUE(std::holds_alternative<NotSent>(route_->venue().Place(resting, Future())));
  EXPECT_TRUE(broker_.Placed().empty());
  broker_.Mark(true);
  EXPECT_TRUE(Eventually([this] { return Ready(); })) << Why();
}

TEST(UpstoxVenueTest, SaysThatItIsSimulatedWhenItIsToldSo) {
  SystemClock clock;
  MarketClock market_clock{clock, MarketClock::Source::kWall};
  prometheus::Registry registry;
  telemetry::Dependencies dependencies{registry, "orders", {"auth"}};
  upstox::BrokerObserver observer{market_clock};
  const auto client = http::Client::Make({}, clock);
  ASSERT_TRUE(client);
  upstox::OrderWriter writer{**client, {}, observer};
  const TokenWatch tokens{nullptr, "main", market_clock, dependencies};
  const AcceptGate gate{"closed"};
  const auto with = [&](bool real_broker) {
    return UpstoxVenue{{.writer = writer,
                        .tokens = tokens,
                        .gate = gate,
                        .market_clock = market_clock,
                        .observer = observer,
                        .real_broker = real_broker}};
  };
  EXPECT_FALSE(with(true).simulated());
  EXPECT_TRUE(with(false).simulated());
  observer.Observe({{"X-Sauda-Simulated", "1"}});
  EXPECT_TRUE(with(true).simulated());
}

}  // namespace
}  // namespace sauda::orders
