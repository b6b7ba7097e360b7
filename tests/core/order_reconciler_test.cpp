#include <gtest/gtest.h>

#include "services/orders/src/core/reconciler.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

using S = OrderState;
using What = Watchman::What;
using std::chrono::seconds;

constexpr std::int64_t kMidnightIst = 1'765'737'000'000;  // 2025-12-15 00:00 IST
constexpr std::int64_t kMinute = 60'000;

TEST(OrderServiceTest, IsOpenFromHalfPastFiveToMidnight) {
  EXPECT_FALSE(IsOrderServiceOpen(kMidnightIst));
  EXPECT_FALSE(IsOrderServiceOpen(kMidnightIst + 330 * kMinute - 1));
  EXPECT_TRUE(IsOrderServiceOpen(kMidnightIst + 330 * kMinute));
  EXPECT_TRUE(IsOrderServiceOpen(kMidnightIst + 1'440 * kMinute - 1));
}

TEST(OrderServiceTest, DaysChangeAtMidnightInIndia) {
  EXPECT_TRUE(IsSameMarketDay(kMidnightIst, kMidnightIst + 1'440 * kMinute - 1));
  EXPECT_FALSE(IsSameMarketDay(kMidnightIst, kMidnightIst - 1));
}

TEST(ArrivalJudgeTest, NeedsTwoCleanReadsAMinuteApartWhileOrdersAreServed) {
  constexpr std::int64_t kNoon = kMidnightIst + 720 * kMinute;
  const Monotonic start{};
  ArrivalJudge judge{seconds{60}};
  EXPECT_FALSE(judge.NoteAbsence("t", start, kNoon, kNoon));
  EXPECT_FALSE(judge.NoteAbsence("t", start + std::chrono::milliseconds{59'999}, kNoon, kNoon));
  EXPECT_TRUE(judge.NoteAbsence("t", start + seconds{60}, kNoon, kNoon));
  EXPECT_FALSE(judge.NoteAbsence("t", start + seconds{61}, kNoon, kNoon)) << "it starts anew";
  judge.Forget("t");
  EXPECT_FALSE(judge.NoteAbsence("t", start + seconds{200}, kNoon, kNoon));
  EXPECT_FALSE(judge.NoteAbsence("t", start + seconds{300}, kMidnightIst, kMidnightIst))
      << "at night nothing is concluded";
  EXPECT_FALSE(judge.NoteAbsence("t", start + seconds{400}, kNoon, kNoon))
      << "and the night forgets";
  EXPECT_FALSE(judge.NoteAbsence("t", start + seconds{500}, kNoon, kNoon - 1'440 * kMinute))
      << "the book of another day says nothing";
}

class ReconcilerTest : public testing::Test, protected DeskFixture {
 protected:
  Result<Reconciler::Summary> RunAfter(seconds wait) {
    clock.Advance(wait);
    return reconciler_.Run();
  }
  void LoseOne(const std::string& id) {
    venue.answer = Lost{"TIMEOUT", "no answer"};
    ASSERT_EQ(desk.Place(BuyOneLot(id))->state, S::kUnknown);
  }
  static BrokerRow Row(std::string tag, std::string status) {
    return {.broker_order_id = "2512150001",
            .tag = std::move(tag),
            .status = std::move(status),
            .terms = {.quantity = 75, .type = OrderType::kLimit, .price = D("26000")}};
  }

  FakeBook book_;
  Reconciler reconciler_{{.account_id = "main",
                          .desk = desk,
                          .ledger = ledger,
                          .book = book_,
                          .watchman = watchman,
                          .clock = clock,
                          .market_clock = market_clock}};
};

TEST_F(ReconcilerTest, FindsALostOrderByItsTagInTheBook) {
  LoseOne("c1");
  book_.book = {Row("tag-1", "open")};
  ASSERT_TRUE(RunAfter(seconds{0}));
  const auto order = desk.Get({"", "c1"});
  EXPECT_EQ(order->state, S::kOpen);
  EXPECT_EQ(order->broker_order_ids, std::vector<std::string>{"2512150001"});
  EXPECT_EQ(watchman.Count(What::kSettled), 1U);
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(ReconcilerTest, WhatTheLedgerHasIsNotToldItAgainAndNewsAre) {
  ASSERT_TRUE(desk.Place(BuyOneLot("c1")));
  BrokerRow over = Row("tag-1", "cancelled");
  over.filled_quantity = 20;
  BrokerRow open = Row("tag-2", "open");
  open.broker_order_id = "2512150002";
  venue.answer = Accepted{.broker_order_ids = {open.broker_order_id}};
  ASSERT_TRUE(desk.Place(BuyOneLot("c2")));
  book_.book = {over, open};
  ASSERT_TRUE(RunAfter(seconds{0}));
  const auto version = desk.Get({"", "c1"})->version;
  const int applied = ledger.applied();
  ASSERT_TRUE(RunAfter(seconds{0}));
  EXPECT_EQ(ledger.applied(), applied) << "the ledger is asked once for all of them";
  EXPECT_EQ(desk.Get({"", "c1"})->version, version);
  book_.book.front().filled_quantity = 30;
  ASSERT_TRUE(RunAfter(seconds{0}));
  EXPECT_EQ(desk.Get({"", "c1"})->filled_quantity, 30);
  book_.book.back().filled_quantity = 10;
  ASSERT_TRUE(RunAfter(seconds{0}));
  EXPECT_EQ(desk.Get({"", "c2"})->filled_quantity, 10);
}

TEST_F(ReconcilerTest, AModifyThatCameTooLateIsSettledByTheKnownEnd) {
  ASSERT_TRUE(desk.Place(BuyOneLot("c1")));
  book_.book = {Row("tag-1", "cancelled")};
  venue.modify_answer = Error{Code::kUnavailable, "UNSETTLED", "no answer"};
  venue.before_modify_answer = [&] { ASSERT_TRUE(desk.Learn(book_.book.front())); };
  EXPECT_EQ(desk.Modify({"", "c1"}, {.quantity = 150}).error().reason, "MODIFY_UNSETTLED");
  EXPECT_EQ(desk.Modify({"", "c1"}, {.quantity = 150}).error().reason, "ORDER_NOT_OPEN");
  ASSERT_TRUE(RunAfter(seconds{0}));
  EXPECT_EQ(desk.unconfirmed(), 0U);
}

TEST_F(ReconcilerTest, FindsALostOrderInTheHistoryOnly) {
  LoseOne("c1");
  book_.history["tag-1"] = {Row("", "put order req received"), Row("", "rejected")};
  ASSERT_TRUE(RunAfter(seconds{0}));
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kRejected);
}

TEST_F(ReconcilerTest, TwoCleanReadsAMinuteApartSettleThatItNeverArrived) {
  LoseOne("c1");
  EXPECT_EQ(RunAfter(seconds{1})->unknown, 1);
  EXPECT_EQ(RunAfter(seconds{59})->unknown, 1);
  EXPECT_EQ(RunAfter(seconds{1})->unknown, 0);
  const auto order = desk.Get({"", "c1"});
  EXPECT_EQ(order->state, S::kNotSent);
  EXPECT_EQ(order->reason, "NEVER_ARRIVED");
}

TEST_F(ReconcilerTest, AReadThatFailsCountsForNothing) {
  LoseOne("c1");
  ASSERT_TRUE(RunAfter(seconds{1}));
  book_.history_down = true;
  EXPECT_EQ(RunAfter(seconds{60}).error().reason, "BROKER_DOWN");
  book_.history_down = false;
  ASSERT_TRUE(RunAfter(seconds{60}));
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kUnknown) << "the failed read broke the pair";
  ASSERT_TRUE(RunAfter(seconds{60}));
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kNotSent);
}

TEST_F(ReconcilerTest, AtNightItStaysUnknown) {
  clock.Advance(std::chrono::hours{15});  // 00:30 IST
  LoseOne("c1");
  ASSERT_TRUE(RunAfter(seconds{1}));
  ASSERT_TRUE(RunAfter(seconds{120}));
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kUnknown);
}

TEST_F(ReconcilerTest, AnotherDaysBookProvesNothing) {
  LoseOne("c1");
  ASSERT_TRUE(RunAfter(std::chrono::hours{24}));
  ASSERT_TRUE(RunAfter(seconds{120}));
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kUnknown);
}

TEST_F(ReconcilerTest, WhatTurnsUpLaterIsAdopted) {
  LoseOne("c1");
  ASSERT_TRUE(RunAfter(seconds{1}));
  ASSERT_TRUE(RunAfter(seconds{60}));
  ASSERT_EQ(desk.Get({"", "c1"})->state, S::kNotSent);
  book_.book = {Row("tag-1", "open")};
  ASSERT_TRUE(RunAfter(seconds{1}));
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kOpen);
  EXPECT_EQ(watchman.Count(What::kTurnedUp), 1U);
}

TEST_F(ReconcilerTest, AnIntentLeftBehindMayHaveBeenSent) {
  venue.before_answer = [&](const Order&) { ledger.Break(-1); };
  ASSERT_FALSE(desk.Place(BuyOneLot()));
  ledger.Break(0);
  ASSERT_TRUE(RunAfter(seconds{0}));
  const auto order = desk.Get({"", "c1"});
  EXPECT_EQ(order->state, S::kUnknown);
  EXPECT_EQ(order->reason, "LEFT_BEHIND");
}

TEST_F(ReconcilerTest, AnOrderUnderWayIsLeftAlone) {
  venue.before_answer = [&](const Order&) {
    const auto summary = reconciler_.Run();
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->unknown, 1) << "its answer may be lost, so it is looked for again soon";
  };
  EXPECT_EQ(desk.Place(BuyOneLot())->state, S::kPending);
  book_.book = {Row("tag-1", "open")};
  EXPECT_EQ(RunAfter(seconds{0})->unknown, 0);
}

TEST_F(ReconcilerTest, LooksAgainWhileACancelOrModifyIsUnsettled) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  book_.book = {Row("tag-1", "open")};
  EXPECT_EQ(RunAfter(seconds{0})->unconfirmed, 0);
  venue.cancel_answer = Error{Code::kUnavailable, "UNSETTLED", "no answer"};
  ASSERT_FALSE(desk.Cancel({"", "c1"}));
  EXPECT_EQ(RunAfter(seconds{1})->unconfirmed, 1);
  book_.book = {Row("tag-1", "cancelled")};
  EXPECT_EQ(RunAfter(seconds{1})->unconfirmed, 0);
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kCancelled);
}

TEST_F(ReconcilerTest, FillsMissedWhileTheStreamWasAwayAreTakenIn) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  BrokerRow row = Row("tag-1", "complete");
  row.filled_quantity = 75;
  row.average_price = D("26000");
  book_.book = {row};
  const auto summary = RunAfter(seconds{0});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->rows, 1);
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kFilled);
}

TEST_F(ReconcilerTest, SaysWhichOpenOrdersTheBookDoesNotShow) {
  ASSERT_TRUE(desk.Place(BuyOneLot()));
  EXPECT_EQ(RunAfter(seconds{0})->missing, 1);
  EXPECT_EQ(watchman.Count(What::kMissingFromBook), 1U);
  EXPECT_EQ(desk.Get({"", "c1"})->state, S::kPending);
}

TEST_F(ReconcilerTest, WithoutTheBookOrTheLedgerItFails) {
  book_.down = true;
  EXPECT_EQ(reconciler_.Run().error().reason, "BROKER_DOWN");
  book_.down = false;
  ledger.Break(1);
  EXPECT_EQ(reconciler_.Run().error().reason, "DATABASE_DOWN");
}

}  // namespace
}  // namespace sauda::orders
