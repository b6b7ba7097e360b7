#include "services/orders/src/core/paper_writer.hpp"

#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

class OneDepth final : public MarketData {
 public:
  void Follow(const std::string&) override {}
  void Release(const std::string&) override {}
  Result<exchange::Depth> Latest(const std::string&) override { return depth; }
  std::optional<exchange::Depth> Newest(const std::string&) override { return depth; }
  exchange::Depth depth;
};

class KeptSteps final : public StepSink {
 public:
  bool HasRoom() const override { return true; }
  void Put(PaperStep step) override { steps.push_back(std::move(step)); }
  std::vector<PaperStep> steps;
};

class PaperWriterTest : public testing::Test, protected DeskFixture {
 protected:
  PaperWriterTest() {
    Move(26'000, 100);
    Restart();
  }
  /// A new process: what waited to be written never happened.
  void Restart() {
    sink_.steps.clear();
    engine_ = std::make_unique<PaperEngine>(market_, sink_, market_clock);
    paper_ = std::make_unique<OrderDesk>(PartsWith(*engine_));
    writer_ = std::make_unique<PaperWriter>(*paper_, ledger, instruments);
    const auto unsettled = ledger.Unsettled({"main", Route::kPaper, true});
    for (const Order& order : *unsettled) {
      if (IsOpen(order.state)) engine_->Restore(order, D("0.05"));
    }
    engine_->Open();
  }
  void Move(std::int64_t rupees, std::int64_t quantity) {
    const Decimal price = Decimal::FromUnits(rupees);
    market_.depth = {.bids = {{price, quantity}},
                     .asks = {{price + D("0.05"), quantity}},
                     .last_price = price,
                     .sequence = ++sequence_};
    if (engine_) engine_->OnMarket("NSE_FO|53001", market_.depth);
  }
  void Write() {
    for (const PaperStep& step : std::exchange(sink_.steps, {})) {
      const auto written = writer_->Write(step);
      EXPECT_TRUE(written) << written.error().message;
    }
  }
  std::vector<KeptDeal> Deals(const std::string& id) {
    return DealsOfOrder(ledger, {"main", id}).value();
  }

  OneDepth market_;
  KeptSteps sink_;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<PaperEngine> engine_;
  std::unique_ptr<OrderDesk> paper_;
  std::unique_ptr<PaperWriter> writer_;
};

TEST_F(PaperWriterTest, AFillIsATradeAtOnce) {
  ASSERT_TRUE(paper_->Place(BuyOneLot("c1")));
  EXPECT_TRUE(Deals("c1").empty());
  Move(25'990, 60);
  Write();
  Order order = *paper_->Get({"", "c1"});
  EXPECT_EQ(order.filled_quantity, 60);
  EXPECT_TRUE(IsConfirmed(order));
  Move(25'980, 60);
  Write();
  order = *paper_->Get({"", "c1"});
  EXPECT_EQ(order.state, OrderState::kFilled);
  EXPECT_TRUE(IsConfirmed(order));
  const auto deals = Deals("c1");
  ASSERT_EQ(deals.size(), 2U);
  EXPECT_EQ(deals[0].deal.trade.quantity, 60);
  EXPECT_EQ(deals[1].deal.trade.quantity, 15);
  EXPECT_EQ(deals[1].route, Route::kPaper);
  EXPECT_TRUE(deals[1].simulated);
  EXPECT_TRUE(deals[1].deal.charged);
  EXPECT_EQ(deals[1].deal.trade.order_id, order.broker_order_ids.front());
  EXPECT_TRUE(portfolio::CheckTrade(deals[1].deal.trade));
}

TEST_F(PaperWriterTest, AStepWrittenTwiceIsOneTrade) {
  ASSERT_TRUE(paper_->Place(BuyOneLot("c1")));
  Move(25'990, 60);
  const auto steps = sink_.steps;
  Write();
  sink_.steps = steps;  // the commit was in doubt
  Write();
  EXPECT_EQ(Deals("c1").size(), 1U);
  EXPECT_EQ(paper_->Get({"", "c1"})->traded_quantity, 60);
}

TEST_F(PaperWriterTest, WithoutTheInstrumentsAFillWaits) {
  ASSERT_TRUE(paper_->Place(BuyOneLot("c1")));
  Move(25'990, 60);
  instruments.down = true;
  Result<void> written;
  for (const PaperStep& step : sink_.steps) written = writer_->Write(step);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kUnavailable);
  EXPECT_EQ(paper_->Get({"", "c1"})->filled_quantity, 0);
  instruments.down = false;
  Write();
  EXPECT_EQ(paper_->Get({"", "c1"})->traded_quantity, 60);
}

/// Whatever is placed, moved, cancelled, and however often the process dies: what an order has
/// filled is what its trades add up to, in units and in money.
TEST_F(PaperWriterTest, FillsAndTradesAgree) {
  for (const unsigned seed : {3U, 11U, 42U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    const auto below = [&](unsigned limit) { return static_cast<std::int64_t>(random() % limit); };
    std::vector<std::string> ids;
    for (int act = 0; act < 300; ++act) {
      const auto what = below(10);
      if (what < 4) {
        NewOrder order = BuyOneLot("s" + std::to_string(seed) + "-" + std::to_string(act));
        order.side = below(2) == 0 ? Side::kBuy : Side::kSell;
        order.quantity = 75 * (1 + below(4));
        order.price = Decimal::FromUnits(25'990 + below(20));
        if (paper_->Place(order)) ids.push_back(order.client_order_id);
      } else if (what < 8) {
        Move(25'990 + below(20), 1 + below(200));
      } else if (what == 8 && !ids.empty()) {
        (void)paper_->Cancel(
            {"", ids[static_cast<std::size_t>(below(static_cast<unsigned>(ids.size())))]});
      } else if (below(5) == 0) {
        Restart();
      }
      if (below(3) > 0) Write();
    }
    Write();
    std::int64_t traded = 0;
    for (const std::string& id : ids) {
      const Order order = *paper_->Get({"", id});
      std::int64_t quantity = 0;
      Amount value;
      for (const KeptDeal& kept : Deals(id)) {
        quantity += kept.deal.trade.quantity;
        value += Amount::Of(kept.deal.trade.price, kept.deal.trade.quantity);
      }
      EXPECT_EQ(quantity, order.filled_quantity) << id;
      EXPECT_EQ(quantity, order.traded_quantity) << id;
      if (quantity > 0) {
        // A restart goes on from the average, which is rounded to 10^-9.
        const Amount apart = value.Per(quantity) - *order.average_price;
        EXPECT_LT(apart, Amount{D("0.0000001")}) << id;
        EXPECT_GT(apart, -Amount{D("0.0000001")}) << id;
      }
      traded += quantity;
    }
    EXPECT_GT(traded, 0);
  }
}

}  // namespace
}  // namespace sauda::orders
