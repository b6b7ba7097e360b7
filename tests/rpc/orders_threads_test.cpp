#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "services/orders/src/paper_link.hpp"
#include "services/orders/src/step_recorder.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;

StoreKeeper::Parts Always() {
  return {.migrate = [] { return Result<void>{}; },
          .ask = [] { return Result<void>{}; },
          .tell = [](const Result<void>&) {}};
}

TEST(StoreKeeperTest, AsksNobodyOnceItIsStopped) {
  std::atomic<bool> asking{false};
  std::atomic<bool> go_on{false};
  std::atomic<bool> asked{false};
  StoreKeeper::Parts parts = Always();
  parts.migrate = [&] {
    asking = true;
    go_on.wait(false);
    asked = true;
    return Result<void>{};
  };
  StoreKeeper keeper{parts};
  keeper.Stop();  // not started: nothing to wait for
  keeper.Start();
  ASSERT_TRUE(Eventually([&] { return asking.load(); }));
  std::thread stopping{[&] {
    keeper.Stop();
    EXPECT_TRUE(asked) << "it waits for the call in progress";
  }};
  go_on = true;
  go_on.notify_all();
  stopping.join();
}

TEST(StepRecorderTest, CountsWhatTheLedgerRefusesAndGoesOn) {
  prometheus::Registry registry;
  Metrics metrics{registry};
  std::atomic<int> written{0};
  StepRecorder recorder{metrics};
  recorder.Start([&](const PaperStep& step) -> Result<void> {
    if (step.row.status == "odd") return Error{Code::kDataLoss, "FILL_INCONSISTENT", "no"};
    ++written;
    return {};
  });
  recorder.Put({.name = {"main", "c1"}, .row = {.status = "odd"}});
  recorder.Put({.name = {"main", "c1"}, .row = {.status = "open"}});
  EXPECT_TRUE(Eventually([&] { return written == 1; }));
  EXPECT_EQ(metrics.paper_steps_dropped.Value(), 1);
}

class NoMarket final : public MarketData {
 public:
  void Follow(const std::string&) override {}
  void Release(const std::string&) override {}
  Result<exchange::Depth> Latest(const std::string&) override {
    return Error{Code::kUnavailable, "FEED_DOWN", "there is no market"};
  }
  std::optional<exchange::Depth> Newest(const std::string&) override { return std::nullopt; }
};
class NoSink final : public StepSink {
 public:
  bool HasRoom() const override { return true; }
  void Put(PaperStep) override {}
};

class PaperLinkTest : public testing::Test, protected DeskFixture {};

TEST_F(PaperLinkTest, EndsIntentsThatNobodyHasAndNoOthers) {
  NoMarket market;
  NoSink sink;
  PaperEngine engine{market, sink, market_clock};
  OrderDesk paper{PartsWith(engine)};
  StoreKeeper store{Always()};
  store.Start();
  PaperLink link{{.account_id = "main",
                  .engine = engine,
                  .desk = paper,
                  .ledger = ledger,
                  .instruments = instruments,
                  .store = store,
                  .look_every = std::chrono::milliseconds{5}}};
  link.Start();
  ASSERT_TRUE(Eventually([&] { return engine.CheckReady().has_value(); }));
  const auto begin = [&](const std::string& id) {
    Order order{.request = BuyOneLot(id),
                .terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("26000")},
                .instrument_key = "NSE_FO|53001",
                .tag = "tag-of-" + id,
                .version = 1,
                .route = Route::kPaper,
                .simulated = true};
    EXPECT_TRUE(ledger.Begin(order));
    return order;
  };
  engine.Place(Order{.request = BuyOneLot("has"),
                     .terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("26000")},
                     .instrument_key = "NSE_FO|53001",
                     .tag = "tag-of-has",
                     .market_ms = market_clock.NowMs()},
               Future());
  begin("has");
  begin("lost");  // its commit was in doubt, so it never came to the engine
  const auto state = [&](const char* id) { return ledger.Find({"main", id})->state; };
  EXPECT_TRUE(Eventually([&] { return state("lost") == S::kNotSent; }));
  EXPECT_EQ(state("has"), S::kIntent);
}

TEST_F(PaperLinkTest, ARestartKnowsTheDayOnWhichAnOrderEntered) {
  NoMarket market;
  NoSink sink;
  StoreKeeper store{Always()};
  store.Start();
  const auto keep = [&](const std::string& id) {
    Order order{.request = BuyOneLot(id),
                .terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("26000")},
                .instrument_key = "NSE_FO|53001",
                .tag = "tag-of-" + id,
                .created_ms = market_clock.NowMs(),
                .market_ms = market_clock.NowMs(),
                .version = 1,
                .route = Route::kPaper,
                .simulated = true};
    EXPECT_TRUE(ledger.Begin(order));
  };
  const auto tell = [&](const std::string& id, const char* status) {
    EXPECT_TRUE(ledger.Apply({"main", id}, BrokerRow{.status = status}, market_clock.NowMs()));
  };
  keep("waited");
  tell("waited", "after market order req received");
  keep("left");
  tell("left", "open");
  keep("waits");
  tell("waits", "after market order req received");
  clock.Advance(std::chrono::hours{24});
  tell("waited", "open");  // its session opened; nobody was there to end the other's day

  PaperEngine engine{market, sink, market_clock};
  OrderDesk paper{PartsWith(engine)};
  PaperLink link{{.account_id = "main",
                  .engine = engine,
                  .desk = paper,
                  .ledger = ledger,
                  .instruments = instruments,
                  .store = store,
                  .look_every = std::chrono::milliseconds{5}}};
  link.Start();
  EXPECT_TRUE(Eventually([&] { return engine.CheckReady() && !engine.Has("tag-of-left"); }));
  EXPECT_TRUE(engine.Has("tag-of-waited"));
  EXPECT_TRUE(engine.Has("tag-of-waits"));
}

}  // namespace
}  // namespace sauda::orders
