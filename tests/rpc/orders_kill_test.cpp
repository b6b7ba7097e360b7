#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/actor.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "services/orders/src/adapters/halt_state_file.hpp"
#include "services/orders/src/kill_desk.hpp"
#include "services/orders/src/rpc/kill_service.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/orders_fakes.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sauda::orders {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
namespace wire = v1alpha1;

/// A broker whose book loses what is cancelled.
class CancellingVenue final : public Venue, public BrokerBook {
 public:
  Route route() const override { return Route::kLive; }
  bool simulated() const override { return true; }
  Result<void> CheckReady() override { return {}; }
  Result<void> CheckOrder(const NewOrder&, const Instrument&) override { return {}; }
  Report Place(const Order&, const Instrument&) override {
    const std::lock_guard lock{mutex_};
    ++placed_;
    return Accepted{.broker_order_ids = {std::to_string(placed_)}};
  }
  Result<void> Modify(const Order&, const Terms&) override { return {}; }
  Result<void> Cancel(const Order& order) override {
    const std::lock_guard lock{mutex_};
    cancelled_.push_back(order.broker_order_ids.at(0));
    at_.push_back(std::chrono::steady_clock::now());
    std::erase(open_, cancelled_.back());
    return {};
  }
  Result<std::vector<BrokerRow>> Book() override {
    const std::lock_guard lock{mutex_};
    std::vector<BrokerRow> rows;
    for (const auto& number : open_) rows.push_back({.broker_order_id = number, .status = "open"});
    return rows;
  }
  Result<std::vector<BrokerRow>> HistoryOfTag(const std::string&) override {
    return std::vector<BrokerRow>{};
  }
  Result<std::vector<BrokerTrade>> TradesOfDay() override { return std::vector<BrokerTrade>{}; }
  Result<std::vector<BrokerHolding>> Holdings() override { return std::vector<BrokerHolding>{}; }
  void SetOpen(std::vector<std::string> numbers) {
    const std::lock_guard lock{mutex_};
    open_ = std::move(numbers);
  }
  std::vector<std::string> cancelled() {
    const std::lock_guard lock{mutex_};
    return cancelled_;
  }
  std::vector<Monotonic> times() {
    const std::lock_guard lock{mutex_};
    return at_;
  }
  int placed() {
    const std::lock_guard lock{mutex_};
    return placed_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> open_;
  std::vector<std::string> cancelled_;
  std::vector<Monotonic> at_;
  int placed_ = 0;
};

class KillTest : public testing::Test {
 protected:
  void SetUp() override {
    Begin({.cancels_per_second = 100, .look_every = 20ms, .quiet_look_every = 50ms});
  }
  void TearDown() override { End(); }

  void Begin(KillDesk::Options options) {
    file_ = std::make_unique<HaltStateFile>(path());
    kill_ = std::make_unique<KillSwitch>(*file_, clock_, [] { return std::string{"code"}; });
    kill_->Load();
    desk_ = std::make_unique<KillDesk>(*kill_, CancelSweep{venue_, &venue_, seen_}, clock_, options,
                                       [](const KillAct&) {});
    service_ = std::make_unique<KillService>(*desk_, calls_, "main");
    server_ = std::make_unique<rpc::Server>();
    ASSERT_TRUE(server_->Start({.listen = "127.0.0.1:0"}, {service_.get()}));
    stub_ = wire::KillService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
    desk_->Start();
  }
  void End() {
    server_->Stop();
    desk_->Stop();
  }
  void Restart(KillDesk::Options options) {
    End();
    Begin(options);
  }

  std::filesystem::path path() const { return folder_.path() / "orders" / "halt-main"; }

  template <typename Method, typename Request>
  Result<wire::KillStatus> Ask(Method method, const Request& request,
                               const std::string& actor = "key1") {
    grpc::ClientContext context;
    rpc::SetActor(context, actor);
    wire::KillStatus status;
    const auto done = (stub_.get()->*method)(&context, request, &status);
    if (!done.ok()) return rpc::FromStatus(done);
    return status;
  }
  Result<wire::KillStatus> Pull(const std::string& reason = "runaway") {
    wire::KillRequest request;
    request.set_reason(reason);
    return Ask(&wire::KillService::Stub::Kill, request);
  }
  wire::KillStatus Status() {
    const auto status = Ask(&wire::KillService::Stub::GetKillStatus, wire::GetKillStatusRequest{});
    EXPECT_TRUE(status);
    return status ? *status : wire::KillStatus{};
  }
  Result<wire::KillStatus> Rearm() {
    grpc::ClientContext context;
    wire::BeginRearmResponse begun;
    const auto done = stub_->BeginRearm(&context, {}, &begun);
    if (!done.ok()) return rpc::FromStatus(done);
    wire::RearmRequest request;
    request.set_code(begun.code());
    return Ask(&wire::KillService::Stub::Rearm, request);
  }

  const TemporaryFolder folder_;
  SystemClock clock_;
  prometheus::Registry registry_;
  rpc::Calls calls_{registry_, "orders"};
  CancellingVenue venue_;
  OpenOrders seen_;
  std::unique_ptr<HaltStateFile> file_;
  std::unique_ptr<KillSwitch> kill_;
  std::unique_ptr<KillDesk> desk_;
  std::unique_ptr<KillService> service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<wire::KillService::Stub> stub_;
};

TEST_F(KillTest, CancelsWhatIsOpenAndSaysWhenNothingIs) {
  venue_.SetOpen({"1", "2", "3"});
  const auto pulled = Pull();
  ASSERT_TRUE(pulled);
  EXPECT_TRUE(pulled->halted());
  EXPECT_EQ(pulled->by(), "key1");
  EXPECT_EQ(pulled->reason(), "runaway");
  EXPECT_TRUE(Eventually([&] { return Status().all_cancelled(); }));
  EXPECT_THAT(venue_.cancelled(), ElementsAre("1", "2", "3"));
  venue_.SetOpen({"4"});  // placed in the broker's own app
  EXPECT_TRUE(Eventually([&] { return venue_.cancelled().size() == 4; }, 20s));
}

TEST_F(KillTest, KeepsToTheReserve) {
  Restart({.cancels_per_second = 10, .look_every = 20ms, .quiet_look_every = 50ms});
  venue_.SetOpen({"1", "2", "3", "4"});
  ASSERT_TRUE(Pull());
  EXPECT_TRUE(Eventually([&] { return Status().all_cancelled(); }));
  const auto times = venue_.times();
  ASSERT_EQ(times.size(), 4U);
  EXPECT_GE(times.back() - times.front(), 300ms) << "three pauses of a tenth of a second";
}

TEST_F(KillTest, GoesOnAfterARestart) {
  ASSERT_TRUE(Pull());
  venue_.SetOpen({"7"});
  Restart({.cancels_per_second = 100, .look_every = 20ms, .quiet_look_every = 50ms});
  EXPECT_TRUE(Status().halted());
  EXPECT_TRUE(Eventually([&] { return venue_.cancelled() == std::vector<std::string>{"7"}; }));
}

TEST_F(KillTest, LetsOrdersLeaveAgainAfterTwoSteps) {
  EXPECT_EQ(Rearm().error().reason, "NOT_HALTED");
  ASSERT_TRUE(Pull());
  EXPECT_FALSE(kill_->Check());
  wire::RearmRequest wrong;
  wrong.set_code("0");
  EXPECT_EQ(Ask(&wire::KillService::Stub::Rearm, wrong).error().reason, "REARM_CODE_WRONG");
  const auto rearmed = Rearm();
  ASSERT_TRUE(rearmed);
  EXPECT_FALSE(rearmed->halted());
  EXPECT_TRUE(kill_->Check());
  venue_.SetOpen({"1"});
  EXPECT_FALSE(Eventually([&] { return !venue_.cancelled().empty(); }, 200ms)) << "it is off";
}

TEST_F(KillTest, RefusesOtherAccountsAndOddReasons) {
  wire::KillRequest request;
  request.set_account_id("other");
  EXPECT_EQ(Ask(&wire::KillService::Stub::Kill, request).error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_EQ(Pull("two\nlines").error().reason, "KILL_REASON_INVALID");
  EXPECT_EQ(Pull(std::string(257, 'x')).error().reason, "KILL_REASON_INVALID");
  EXPECT_TRUE(kill_->Check()) << "nothing was pulled";
}

TEST_F(KillTest, PullsItselfWhenASignOfLifeDoesNotComeAgain) {
  Restart({.cancels_per_second = 100, .look_every = 20ms, .dead_man_limit = 300ms});
  EXPECT_FALSE(Status().has_dead_man_left_ms()) << "nobody has wound it up";
  const auto alive = Ask(&wire::KillService::Stub::KeepAlive, wire::KeepAliveRequest{});
  ASSERT_TRUE(alive);
  EXPECT_TRUE(alive->has_dead_man_left_ms());
  EXPECT_LE(alive->dead_man_left_ms(), 300);
  EXPECT_TRUE(Eventually([&] { return Status().halted(); }));
  EXPECT_EQ(Status().by(), "dead-man");
}

TEST_F(KillTest, WithoutALimitASignOfLifeIsNoMatter) {
  const auto alive = Ask(&wire::KillService::Stub::KeepAlive, wire::KeepAliveRequest{});
  ASSERT_TRUE(alive);
  EXPECT_FALSE(alive->has_dead_man_left_ms());
}

TEST_F(KillTest, NothingIsPlacedOnceTheCallHasReturned) {
  FakeInstruments instruments;
  FakeListener listener;
  FakeWatchman watchman;
  MemoryLedger ledger;
  MarketClock market_clock{clock_, MarketClock::Source::kWall};
  instruments.known["NSE_FO|53001"].expiry_ms = 0;
  std::atomic<int> tags{0};
  OrderDesk desk{{.account_id = "main",
                  .ledger = ledger,
                  .instruments = instruments,
                  .venue = venue_,
                  .listener = listener,
                  .watchman = watchman,
                  .clock = clock_,
                  .market_clock = market_clock,
                  .make_tag = [&] { return "tag-" + std::to_string(++tags); },
                  .kill = kill_.get(),
                  .open_orders = &seen_}};
  std::atomic<bool> stop{false};
  std::thread placer{[&] {
    for (int i = 0; !stop; ++i) (void)desk.Place(BuyOneLot("c" + std::to_string(i)));
  }};
  EXPECT_TRUE(Eventually([&] { return venue_.placed() > 10; }));
  ASSERT_TRUE(Pull());
  // The one that was at the door when the switch was pulled may be through it.
  const int placed = venue_.placed();
  EXPECT_FALSE(Eventually([&] { return venue_.placed() > placed + 1; }, 200ms));
  stop = true;
  placer.join();
  const auto refused = desk.Place(BuyOneLot("after"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "KILL_SWITCH_ON");
  EXPECT_EQ(desk.Get({"", "after"}).error().reason, "ORDER_UNKNOWN") << "no intent either";
}

TEST_F(KillTest, AFileThatIsCutIsHalted) {
  End();
  std::filesystem::resize_file(path(), 100);
  Begin({.cancels_per_second = 100, .look_every = 20ms, .quiet_look_every = 50ms});
  EXPECT_TRUE(Status().halted());
  EXPECT_NE(Status().reason().find("100 bytes"), std::string::npos) << Status().reason();
  EXPECT_TRUE(Rearm()) << "a person may write it anew";
  Restart({});
  EXPECT_FALSE(Status().halted());
}

TEST_F(KillTest, AFileOfSomethingElseIsHalted) {
  End();
  std::ofstream{path()} << std::string(600, 'x');
  Begin({});
  EXPECT_TRUE(Status().halted());
  ASSERT_TRUE(Rearm());
  EXPECT_EQ(std::filesystem::file_size(path()), kHaltRecordBytes);
}

TEST_F(KillTest, AFolderInTheFilesPlaceIsHaltedAndCannotBeRearmed) {
  End();
  std::filesystem::remove(path());
  std::filesystem::create_directory(path());
  Begin({});
  EXPECT_TRUE(Status().halted());
  EXPECT_EQ(Rearm().error().reason, "HALT_STATE_FAILED");
  EXPECT_TRUE(Status().halted());
}

}  // namespace
}  // namespace sauda::orders
