#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "services/orders/src/core/ledger.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {

/// What every Ledger promises. `Factory::Make()` gives an empty ledger, or null when its backend is
/// not there, and `Factory::kSkipped` says why the test is skipped then.
template <typename Factory>
class LedgerContract : public testing::Test {
 protected:
  void SetUp() override {
    ledger_ = factory_.Make();
    if (!ledger_) GTEST_SKIP() << Factory::kSkipped;
  }
  static Order Intent(const std::string& id, const std::string& tag) {
    Order order{.request = BuyOneLot(id),
                .terms = {.quantity = 75,
                          .type = OrderType::kLimit,
                          .price = D("26000.05"),
                          .validity = Validity::kDay},
                .instrument_id = 7,
                .instrument_key = "NSE_FO|53001",
                .trading_symbol = "NIFTY FUT 30 DEC 25",
                .tag = tag,
                .created_ms = 1'000,
                .updated_ms = 1'000,
                .market_ms = 900,
                .version = 1,
                .route = Route::kLive,
                .simulated = true};
    order.request.price = D("26000.05");
    order.request.tags = {"mine", "grid 7"};
    return order;
  }
  Order Begin(const std::string& id) {
    const auto begun = ledger_->Begin(Intent(id, "tag-" + id));
    EXPECT_TRUE(begun) << begun.error().message;
    return begun->order;
  }
  OrderName Name(const std::string& id) { return {"main", id}; }

  Factory factory_;
  std::unique_ptr<Ledger> ledger_;
};

TYPED_TEST_SUITE_P(LedgerContract);

TYPED_TEST_P(LedgerContract, KeepsEveryFieldOfAnOrder) {
  Order asked = this->Intent("c1", "tag-1");
  asked.request.type = asked.terms.type = OrderType::kStopLimit;
  asked.request.trigger = asked.terms.trigger = D("25999.95");
  asked.request.disclosed_quantity = 8;
  ASSERT_TRUE(this->ledger_->Begin(asked)->is_new);
  const auto kept = this->ledger_->Find(this->Name("c1"));
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_TRUE(SameOrder(*kept, asked.request));
  EXPECT_EQ(kept->request.instrument, asked.request.instrument);
  EXPECT_EQ(kept->request.tags, asked.request.tags);
  EXPECT_EQ(kept->terms, asked.terms);
  EXPECT_EQ(kept->tag, "tag-1");
  EXPECT_EQ(kept->instrument_id, 7);
  EXPECT_EQ(kept->instrument_key, "NSE_FO|53001");
  EXPECT_EQ(kept->trading_symbol, "NIFTY FUT 30 DEC 25");
  EXPECT_EQ(kept->state, OrderState::kIntent);
  EXPECT_EQ(kept->created_ms, 1'000);
  EXPECT_EQ(kept->market_ms, 900);
  EXPECT_EQ(kept->route, Route::kLive);
  EXPECT_TRUE(kept->simulated);
  EXPECT_FALSE(kept->average_price);
  EXPECT_TRUE(kept->broker_order_ids.empty());
}

TYPED_TEST_P(LedgerContract, ATakenNameGivesWhatIsKept) {
  this->Begin("c1");
  Order other = this->Intent("c1", "tag-other");
  other.request.quantity = 150;
  const auto begun = this->ledger_->Begin(other);
  ASSERT_TRUE(begun);
  EXPECT_FALSE(begun->is_new);
  EXPECT_EQ(begun->order.request.quantity, 75);
}

TYPED_TEST_P(LedgerContract, ARepeatAfterDoubtIsStillOurs) {
  this->Begin("c1");
  const auto again = this->ledger_->Begin(this->Intent("c1", "tag-c1"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_new);
  EXPECT_EQ(this->ledger_->History(this->Name("c1"))->size(), 1U);
}

TYPED_TEST_P(LedgerContract, AccountsDoNotMeet) {
  this->Begin("c1");
  Order other = this->Intent("c1", "tag-c1");
  other.request.account_id = "second";
  EXPECT_TRUE(this->ledger_->Begin(other)->is_new);
  EXPECT_EQ(this->ledger_->List({.account_id = "main"})->orders.size(), 1U);
  EXPECT_EQ(this->ledger_->FindByBroker({"third", true, "", "tag-c1"}).error().reason,
            "ORDER_UNKNOWN");
}

TYPED_TEST_P(LedgerContract, GivesOrdersByTheirNumbers) {
  for (const std::string id : {"c1", "c2", "c3"}) {
    this->Begin(id);
    ASSERT_TRUE(this->ledger_->Apply(this->Name(id),
                                     Accepted{.broker_order_ids = {"n-" + id, "m-" + id}}, 2'000));
  }
  this->Begin("c4");
  const auto found = this->ledger_->WithNumbers({"main", true, {"n-c1", "m-c1", "n-c2", "n-c9"}});
  ASSERT_TRUE(found) << found.error().message;
  std::map<std::string, Order> by_id;
  for (const Order& order : *found) by_id[order.request.client_order_id] = order;
  ASSERT_EQ(found->size(), 2U) << "each once";
  ASSERT_EQ(by_id.size(), 2U);
  EXPECT_EQ(by_id.at("c1").broker_order_ids, (std::vector<std::string>{"n-c1", "m-c1"}));
  EXPECT_EQ(by_id.at("c2").state, OrderState::kPending);
  EXPECT_TRUE(this->ledger_->WithNumbers({"main", true, {}})->empty());
  EXPECT_TRUE(this->ledger_->WithNumbers({"main", false, {"n-c1"}})->empty())
      << "the real broker's";
  EXPECT_TRUE(this->ledger_->WithNumbers({"second", true, {"n-c1"}})->empty());
}

TYPED_TEST_P(LedgerContract, TellsWhichModifiesMayStillShow) {
  using What = Noted::What;
  const auto note = [this](const std::string& id, What what, std::int64_t at_ms,
                           const std::string& detail = "") {
    ASSERT_TRUE(this->ledger_->Apply(this->Name(id), Noted{.what = what, .detail = detail}, at_ms));
  };
  for (const std::string id : {"c1", "c2", "c3"}) {
    this->Begin(id);
    ASSERT_TRUE(this->ledger_->Apply(this->Name(id), Accepted{.broker_order_ids = {id}}, 2'000));
  }
  note("c1", What::kModifyAsked, 3'000, "too old");
  note("c2", What::kModifyAsked, 4'000, "refused");
  note("c2", What::kCancelAsked, 4'001);
  note("c2", What::kModifyRefused, 4'002);
  note("c2", What::kModifyAsked, 4'003, "accepted");
  note("c2", What::kModifyAccepted, 4'004);
  note("c3", What::kModifyAsked, 4'005, "of an order that is over");
  note("c1", What::kModifyAsked, 5'000, "unanswered");
  ASSERT_TRUE(this->ledger_->Apply(this->Name("c3"), BrokerRow{.status = "cancelled"}, 5'001));
  const auto asked = this->ledger_->ModifiesSince({"main", 4'000, 10});
  ASSERT_TRUE(asked) << asked.error().message;
  ASSERT_EQ(asked->size(), 2U);
  EXPECT_EQ((*asked)[0].client_order_id, "c2");
  EXPECT_EQ((*asked)[0].detail, "accepted");
  EXPECT_EQ((*asked)[1].client_order_id, "c1");
  EXPECT_EQ((*asked)[1].detail, "unanswered");
  EXPECT_EQ(this->ledger_->ModifiesSince({"main", 4'000, 1})->size(), 1U);
  EXPECT_TRUE(this->ledger_->ModifiesSince({"second", 0, 10})->empty());
}

TYPED_TEST_P(LedgerContract, AppliesReportsAndKeepsEveryEvent) {
  this->Begin("c1");
  const auto name = this->Name("c1");
  ASSERT_TRUE(this->ledger_->Apply(name, Accepted{.broker_order_ids = {"1", "2"}}, 2'000));
  BrokerRow row{.broker_order_id = "1",
                .status = "open",
                .filled_quantity = 25,
                .average_price = D("26000.0333"),
                .terms = {.quantity = 150, .type = OrderType::kLimit, .price = D("26001")}};
  const auto open = this->ledger_->Apply(name, row, 3'000);
  ASSERT_TRUE(open) << open.error().message;
  EXPECT_TRUE(open->changed);
  const auto repeat = this->ledger_->Apply(name, row, 4'000);
  ASSERT_TRUE(repeat);
  EXPECT_FALSE(repeat->changed);
  ASSERT_TRUE(this->ledger_->Apply(
      name, Noted{.what = Noted::What::kCancelRefused, .detail = "too late"}, 5'000));

  const auto kept = this->ledger_->Find(name);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->state, OrderState::kOpen);
  EXPECT_EQ(kept->terms.quantity, 150);
  EXPECT_EQ(kept->terms.price, D("26001"));
  EXPECT_EQ(kept->request.quantity, 75);
  EXPECT_EQ(kept->average_price, D("26000.0333"));
  EXPECT_EQ(kept->broker_order_ids, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(kept->version, 4);

  const auto history = this->ledger_->History(name);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 4U);
  EXPECT_EQ((*history)[0].kind, "INTENT");
  EXPECT_EQ((*history)[1].kind, "ACCEPTED");
  EXPECT_EQ((*history)[1].state, OrderState::kPending);
  EXPECT_EQ((*history)[2].kind, "BROKER_ROW");
  EXPECT_EQ((*history)[2].filled_quantity, 25);
  EXPECT_EQ((*history)[2].at_ms, 3'000);
  EXPECT_EQ((*history)[3].kind, "CANCEL_REFUSED");
  EXPECT_EQ((*history)[3].message, "too late");
  for (std::size_t i = 0; i < history->size(); ++i) {
    EXPECT_EQ((*history)[i].version, static_cast<std::int64_t>(i + 1));
  }
}

TYPED_TEST_P(LedgerContract, WhatTheRulesRefuseChangesNothing) {
  this->Begin("c1");
  const auto name = this->Name("c1");
  const auto refused = this->ledger_->Apply(name, BrokerRow{.status = "on the moon"}, 2'000);
  EXPECT_EQ(refused.error().reason, "BROKER_STATUS_UNKNOWN");
  EXPECT_EQ(this->ledger_->Find(name)->version, 1);
  EXPECT_EQ(this->ledger_->Apply(this->Name("c9"), NeverArrived{}, 1).error().reason,
            "ORDER_UNKNOWN");
  EXPECT_EQ(this->ledger_->Find(this->Name("c9")).error().reason, "ORDER_UNKNOWN");
  EXPECT_EQ(this->ledger_->History(this->Name("c9")).error().reason, "ORDER_UNKNOWN");
}

TYPED_TEST_P(LedgerContract, FindsByTheBrokersNumberAndByOurTag) {
  this->Begin("c1");
  this->Begin("c2");
  ASSERT_TRUE(this->ledger_->Apply(this->Name("c1"), Accepted{.broker_order_ids = {"101"}}, 2'000));
  EXPECT_EQ(this->ledger_->FindByBroker({"main", true, "101", ""})->request.client_order_id, "c1");
  EXPECT_EQ(this->ledger_->FindByBroker({"main", true, "102", "tag-c2"})->request.client_order_id,
            "c2");
  EXPECT_EQ(this->ledger_->FindByBroker({"main", true, "101", "tag-c2"})->request.client_order_id,
            "c1")
      << "the number weighs more";
  EXPECT_EQ(this->ledger_->FindByBroker({"main", true, "102", ""}).error().reason, "ORDER_UNKNOWN");
  EXPECT_EQ(this->ledger_->FindByBroker({"main", true, "", ""}).error().reason, "ORDER_UNKNOWN");
}

TYPED_TEST_P(LedgerContract, TheRealBrokerAndASimulatedOneDoNotMeet) {
  auto& ledger = *this->ledger_;
  for (const bool simulated : {true, false}) {
    const std::string id = simulated ? "sim" : "real";
    Order order = this->Intent(id, "tag-" + id);
    order.simulated = simulated;
    ASSERT_TRUE(ledger.Begin(order));
    ASSERT_TRUE(ledger.Apply(this->Name(id), Accepted{.broker_order_ids = {"101"}}, 2'000));
  }
  for (const bool simulated : {true, false}) {
    const std::string id = simulated ? "sim" : "real";
    const std::string other = simulated ? "real" : "sim";
    const auto by_number = ledger.FindByBroker({"main", simulated, "101", ""});
    ASSERT_TRUE(by_number) << by_number.error().message;
    EXPECT_EQ(by_number->request.client_order_id, id);
    EXPECT_EQ(by_number->broker_order_ids, std::vector<std::string>{"101"});
    EXPECT_TRUE(ledger.FindByBroker({"main", simulated, "", "tag-" + id}));
    EXPECT_FALSE(ledger.FindByBroker({"main", simulated, "", "tag-" + other}));
    const auto unsettled = ledger.Unsettled({"main", Route::kLive, simulated});
    ASSERT_EQ(unsettled->size(), 1U);
    EXPECT_EQ(unsettled->front().request.client_order_id, id);
  }
}

TYPED_TEST_P(LedgerContract, ListsByPagesNewestFirst) {
  for (int i = 1; i <= 5; ++i) this->Begin("c" + std::to_string(i));
  std::vector<std::string> seen;
  std::int64_t before = 0;
  do {
    const auto page = this->ledger_->List({.account_id = "main", .limit = 2, .before = before});
    ASSERT_TRUE(page);
    for (const Order& order : page->orders) seen.push_back(order.request.client_order_id);
    before = page->next;
  } while (before != 0);
  EXPECT_EQ(seen, (std::vector<std::string>{"c5", "c4", "c3", "c2", "c1"}));
}

TYPED_TEST_P(LedgerContract, KnowsWhatIsNotSettled) {
  for (const char* id : {"intent", "open", "unknown", "rejected"}) this->Begin(id);
  auto& ledger = *this->ledger_;
  ASSERT_TRUE(ledger.Apply(this->Name("open"), Accepted{.broker_order_ids = {"1"}}, 2));
  ASSERT_TRUE(ledger.Apply(this->Name("unknown"), Lost{"TIMEOUT", "no answer"}, 2));
  ASSERT_TRUE(ledger.Apply(this->Name("rejected"), Refused{"UDAPI1052", "zero"}, 2));
  std::set<std::string> names;
  const auto unsettled = ledger.Unsettled({"main", Route::kLive, true});
  ASSERT_TRUE(unsettled);
  for (const Order& order : *unsettled) names.insert(order.request.client_order_id);
  EXPECT_EQ(names, (std::set<std::string>{"intent", "open", "unknown"}));
  EXPECT_TRUE(ledger.Unsettled({"main", Route::kPaper, true})->empty());
  EXPECT_EQ(ledger.Count("main")->unknown, 1);
  EXPECT_EQ(ledger.Count("main")->open, 1);
  EXPECT_EQ(ledger.List({.account_id = "main", .open_only = true})->orders.size(), 3U);
}

TYPED_TEST_P(LedgerContract, OfManyAtOnceOneIsNew) {
  std::atomic<int> fresh{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto begun = this->ledger_->Begin(this->Intent("c1", "tag-" + std::to_string(i)));
      ASSERT_TRUE(begun) << begun.error().message;
      fresh += begun->is_new ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(this->ledger_->History(this->Name("c1"))->size(), 1U);
}

TYPED_TEST_P(LedgerContract, ChangesOfOneOrderAtOnceAreOneAfterTheOther) {
  this->Begin("c1");
  ASSERT_TRUE(this->ledger_->Apply(this->Name("c1"), Accepted{.broker_order_ids = {"1"}}, 2));
  std::vector<std::thread> threads;
  for (std::int64_t i = 1; i <= 8; ++i) {
    threads.emplace_back([&, i] {
      const auto applied = this->ledger_->Apply(
          this->Name("c1"),
          BrokerRow{.broker_order_id = "1", .status = "open", .filled_quantity = i * 5}, i);
      EXPECT_TRUE(applied) << applied.error().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto history = this->ledger_->History(this->Name("c1"));
  ASSERT_TRUE(history);
  std::int64_t filled = 0;
  for (const auto& event : *history) {
    EXPECT_GE(event.filled_quantity, filled);
    filled = event.filled_quantity;
  }
  EXPECT_EQ(filled, 40);
}

TYPED_TEST_P(LedgerContract, TellsWhenLiveCallsWereSent) {
  const auto begin = [&](const std::string& id, Route route, std::int64_t at_ms) {
    Order order = this->Intent(id, "tag-" + id);
    order.route = route;
    order.created_ms = order.updated_ms = at_ms;
    ASSERT_TRUE(this->ledger_->Begin(order));
  };
  begin("a", Route::kLive, 1'000);
  begin("b", Route::kLive, 2'000);
  begin("p", Route::kPaper, 2'500);
  ASSERT_TRUE(this->ledger_->Apply(this->Name("b"), Accepted{{"1"}}, 2'100));
  ASSERT_TRUE(
      this->ledger_->Apply(this->Name("b"), Noted{.what = Noted::What::kModifyAsked}, 3'000));
  ASSERT_TRUE(
      this->ledger_->Apply(this->Name("b"), Noted{.what = Noted::What::kModifyAccepted}, 3'100));
  ASSERT_TRUE(
      this->ledger_->Apply(this->Name("b"), Noted{.what = Noted::What::kCancelAsked}, 4'000));
  const auto since = [&](std::int64_t since_ms, std::int32_t limit) {
    const auto sent =
        this->ledger_->SentSince({.account_id = "main", .since_ms = since_ms, .limit = limit});
    EXPECT_TRUE(sent);
    return sent.value_or(std::vector<std::int64_t>{});
  };
  EXPECT_EQ(since(0, 10), (std::vector<std::int64_t>{4'000, 3'000, 2'000, 1'000}));
  EXPECT_EQ(since(2'000, 10), (std::vector<std::int64_t>{4'000, 3'000, 2'000}));
  EXPECT_EQ(since(0, 1), (std::vector<std::int64_t>{4'000}));
  EXPECT_TRUE(
      this->ledger_->SentSince({.account_id = "other", .since_ms = 0, .limit = 10})->empty());
}

TYPED_TEST_P(LedgerContract, KeepsTradesWithTheFillAndGivesThemBack) {
  this->Begin("c1");
  BrokerRow row{.broker_order_id = "1", .status = "open", .filled_quantity = 50};
  row.deals = {FutureDeal("t1", 50, "26000.05")};
  const auto change = this->ledger_->Apply(this->Name("c1"), row, 7'000);
  ASSERT_TRUE(change) << change.error().message;
  EXPECT_EQ(change->order.filled_quantity, 50);
  EXPECT_EQ(change->order.traded_quantity, 50);
  ASSERT_EQ(change->deals.size(), 1U);
  const auto kept = DealsOfOrder(*this->ledger_, this->Name("c1"));
  ASSERT_TRUE(kept) << kept.error().message;
  ASSERT_EQ(kept->size(), 1U);
  const KeptDeal& deal = kept->front();
  EXPECT_EQ(deal.number, change->deals.front().number);
  EXPECT_EQ(deal.order.client_order_id, "c1");
  EXPECT_EQ(deal.route, Route::kLive);
  EXPECT_TRUE(deal.simulated);
  EXPECT_EQ(deal.at_ms, 7'000);
  EXPECT_TRUE(deal.deal.charged);
  EXPECT_TRUE(portfolio::SameTrade(deal.deal.trade, row.deals.front().trade));
  EXPECT_EQ(deal.deal.trade.contract, row.deals.front().trade.contract);
  EXPECT_EQ(deal.deal.trade.market_ms, kMondayMs);
  EXPECT_EQ(this->ledger_->Find(this->Name("c1"))->traded_quantity, 50);
}

TYPED_TEST_P(LedgerContract, TradesToldAgainAreNoNews) {
  this->Begin("c1");
  BrokerRow row{.broker_order_id = "1", .status = "complete", .filled_quantity = 75};
  ASSERT_TRUE(this->ledger_->Apply(this->Name("c1"), row, 2));
  const Traded first{{FutureDeal("t1", 50)}};
  ASSERT_TRUE(this->ledger_->Apply(this->Name("c1"), first, 3)->changed);
  EXPECT_FALSE(this->ledger_->Apply(this->Name("c1"), first, 4)->changed);
  const auto both = this->ledger_->Apply(this->Name("c1"),
                                         Traded{{FutureDeal("t1", 50), FutureDeal("t2", 25)}}, 5);
  ASSERT_TRUE(both) << both.error().message;
  ASSERT_EQ(both->deals.size(), 1U);
  EXPECT_EQ(both->deals.front().deal.trade.id, "t2");
  EXPECT_EQ(both->order.traded_quantity, 75);
  EXPECT_EQ(both->order.state, OrderState::kFilled);
  EXPECT_TRUE(IsConfirmed(both->order));
  const auto history = this->ledger_->History(this->Name("c1"));
  EXPECT_EQ(history->back().kind, "TRADED");
  EXPECT_EQ(history->back().version, both->order.version);
}

TYPED_TEST_P(LedgerContract, ATradeOfThatNameThatSaysSomethingElseChangesNothing) {
  this->Begin("c1");
  this->Begin("c2");
  ASSERT_TRUE(this->ledger_->Apply(this->Name("c1"), Traded{{FutureDeal("t1", 25)}}, 2));
  const auto conflict = [&](const std::string& id, std::vector<Deal> deals) {
    const auto told = this->ledger_->Apply(this->Name(id), Traded{std::move(deals)}, 3);
    return told ? std::string{} : told.error().reason;
  };
  EXPECT_EQ(conflict("c1", {FutureDeal("t1", 50)}), "TRADE_CONFLICT");
  EXPECT_EQ(conflict("c1", {FutureDeal("t1", 25, "26001")}), "TRADE_CONFLICT");
  EXPECT_EQ(conflict("c2", {FutureDeal("t2", 25), FutureDeal("t1", 25)}), "TRADE_CONFLICT");
  EXPECT_EQ(conflict("c1", {FutureDeal("t3", 51)}), "TRADES_INCONSISTENT");
  EXPECT_EQ(DealsOfOrder(*this->ledger_, this->Name("c1"))->size(), 1U);
  EXPECT_TRUE(DealsOfOrder(*this->ledger_, this->Name("c2"))->empty());
  EXPECT_EQ(this->ledger_->Find(this->Name("c2"))->traded_quantity, 0);
  Deal sale = FutureDeal("t1", 25);
  sale.trade.side = Side::kSell;  // both sides of a trade between two orders share its id
  EXPECT_EQ(conflict("c2", {sale, FutureDeal("t1", 25, "26000", kMondayMs + 86'400'000)}), "");
}

TYPED_TEST_P(LedgerContract, ListsTradesByDayInPages) {
  constexpr std::int64_t kDay = 86'400'000;
  this->Begin("c1");
  this->Begin("c2");
  const auto trade = [&](const std::string& id, const char* trade_id, std::int64_t market_ms) {
    Deal deal = FutureDeal(trade_id, 5, "26000", market_ms);
    ASSERT_TRUE(this->ledger_->Apply(this->Name(id), Traded{{deal}}, 2));
  };
  trade("c1", "late", kMondayMs + kDay);
  trade("c1", "a", kMondayMs);
  trade("c2", "b", kMondayMs - 1);
  trade("c1", "early", kMondayMs - kDay);
  const auto list = [&](Ledger::DealQuery query) {
    query.account_id = "main";
    std::vector<std::string> ids;
    for (bool more = true; more;) {
      const auto page = this->ledger_->Deals(query);
      EXPECT_TRUE(page) << page.error().message;
      EXPECT_LE(page->deals.size(), static_cast<std::size_t>(query.limit));
      for (const KeptDeal& kept : page->deals) ids.push_back(kept.deal.trade.id);
      more = page->next.has_value();
      if (more) query.after = *page->next;
    }
    return ids;
  };
  const auto monday = portfolio::IstDate::Of(kMondayMs);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(list({.limit = 1}), (Ids{"early", "a", "b", "late"}));
  EXPECT_EQ(list({.limit = 4}), (Ids{"early", "a", "b", "late"}));
  EXPECT_EQ(list({.from = monday, .to = monday, .limit = 10}), (Ids{"a", "b"}));
  EXPECT_EQ(list({.client_order_id = "c2", .limit = 10}), (Ids{"b"}));
  EXPECT_EQ(list({.route = Route::kLive, .simulated = true, .limit = 3}).size(), 4U);
  EXPECT_TRUE(list({.route = Route::kLive, .simulated = false, .limit = 3}).empty());
  EXPECT_TRUE(list({.route = Route::kPaper, .simulated = true, .limit = 3}).empty());
  EXPECT_TRUE(this->ledger_->Deals({.account_id = "other"})->deals.empty());
}

TYPED_TEST_P(LedgerContract, KnowsFillsThatNoTradeConfirms) {
  for (const char* id : {"old", "bare", "half", "whole", "resting"}) this->Begin(id);
  const auto fill = [&](const std::string& id, std::vector<Deal> deals, std::int64_t now_ms) {
    BrokerRow row{.broker_order_id = id, .status = "open", .filled_quantity = 50};
    row.deals = std::move(deals);
    ASSERT_TRUE(this->ledger_->Apply(this->Name(id), row, now_ms));
  };
  fill("old", {}, 99);
  fill("bare", {}, 100);
  fill("half", {FutureDeal("t1", 49)}, 101);
  fill("whole", {FutureDeal("t2", 50)}, 102);
  const auto untraded = this->ledger_->Untraded({"main", Route::kLive, true}, 100);
  ASSERT_TRUE(untraded) << untraded.error().message;
  std::vector<std::string> ids;
  for (const Order& order : *untraded) ids.push_back(order.request.client_order_id);
  EXPECT_EQ(ids, (std::vector<std::string>{"bare", "half"}));
  EXPECT_TRUE(this->ledger_->Untraded({"main", Route::kPaper, true}, 0)->empty());
}

REGISTER_TYPED_TEST_SUITE_P(LedgerContract, KeepsEveryFieldOfAnOrder, ATakenNameGivesWhatIsKept,
                            ARepeatAfterDoubtIsStillOurs, AccountsDoNotMeet,
                            AppliesReportsAndKeepsEveryEvent, GivesOrdersByTheirNumbers,
                            TellsWhichModifiesMayStillShow, WhatTheRulesRefuseChangesNothing,
                            FindsByTheBrokersNumberAndByOurTag,
                            TheRealBrokerAndASimulatedOneDoNotMeet, ListsByPagesNewestFirst,
                            KeepsTradesWithTheFillAndGivesThemBack, TradesToldAgainAreNoNews,
                            ATradeOfThatNameThatSaysSomethingElseChangesNothing,
                            ListsTradesByDayInPages, KnowsFillsThatNoTradeConfirms,
                            KnowsWhatIsNotSettled, TellsWhenLiveCallsWereSent, OfManyAtOnceOneIsNew,
                            ChangesOfOneOrderAtOnceAreOneAfterTheOther);

}  // namespace sauda::orders
