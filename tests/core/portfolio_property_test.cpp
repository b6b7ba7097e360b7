#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/mark_to_market.hpp"
#include "services/orders/src/core/portfolio/pnl_days.hpp"
#include "services/orders/src/core/portfolio/pnl_report.hpp"
#include "services/orders/src/core/portfolio/position_book.hpp"
#include "tests/support/portfolio_recount.hpp"
#include "tests/support/portfolio_trades.hpp"

namespace sauda::orders::portfolio {
namespace {

constexpr std::array<Product, 3> kProducts = {Product::kIntraday, Product::kDelivery,
                                              Product::kMtf};

/// An instrument of the game: its price walks in ticks.
struct Played {
  Contract contract;
  std::int64_t tick_nanos = 0;
  std::int64_t ticks = 0;  // of the price now
};

std::vector<Played> Instruments() {
  const Contract dollar{.instrument_id = 11,
                        .key = "NCD_FO|6892",
                        .trading_symbol = "USDINR FUT 29 DEC 25",
                        .segment = "NCD_FO",
                        .kind = Kind::kFuture,
                        .multiplier = 1'000};
  return {{Share(), 50'000'000, 30'241},    // 0.05
          {Future(), 50'000'000, 520'003},  // 0.05
          {Crude(), 1'000'000'000, 5'501},  // 1
          {dollar, 2'500'000, 36'037}};     // 0.0025
}

Amount OfNanos(std::int64_t nanos) { return Amount{Decimal::FromNanos(nanos)}; }

/// The mean, halves away from 0, in integers.
Decimal MeanOf(std::int64_t nanos, std::int64_t units) {
  const std::int64_t whole = nanos / units;
  const std::int64_t rest = nanos % units;
  return Decimal::FromNanos(whole + (2 * rest >= units ? 1 : 0));
}

/// Plays random trades, days and conversions into a book, and keeps the whole history.
class Game {
 public:
  explicit Game(std::uint64_t seed) : random_{seed} {}

  std::int64_t Pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random_);
  }

  void TradeOnce() {
    Played& played = instruments_[static_cast<std::size_t>(Pick(0, 3))];
    played.ticks += Pick(-40, 40);
    const Product product = kProducts[static_cast<std::size_t>(Pick(0, 2))];
    const std::string number = std::to_string(history_.size() + 1);
    const Trade trade{.id = number,
                      .order_id = number,
                      .contract = played.contract,
                      .product = product,
                      .side = Pick(0, 1) == 0 ? Side::kBuy : Side::kSell,
                      .quantity = Pick(1, 12),
                      .price = PriceOf(played),
                      .market_ms = fed_.book.day().date.AtMinute(570),
                      .charges = Amount::FromPaise(Pick(0, 4'000))};
    const auto booked = fed_.book.Apply(trade);
    ASSERT_TRUE(booked) << booked.error().message;
    fed_.Keep(booked->closed);
    fed_.trades.push_back(trade);
    history_.emplace_back(trade);
    const std::int64_t sign = trade.side == Side::kBuy ? 1 : -1;
    net_[trade.contract.instrument_id] += trade.quantity * sign;
    cash_ -= Amount::Of(trade.price, trade.quantity * sign * trade.contract.multiplier);
  }

  void BeginDay() {
    fed_.Begin(++day_);
    history_.emplace_back(DayEnded{});
  }

  /// True: converted.
  bool ConvertOnce() {
    const Played& played = instruments_[static_cast<std::size_t>(Pick(0, 3))];
    const Conversion conversion{.instrument_id = played.contract.instrument_id,
                                .from = kProducts[static_cast<std::size_t>(Pick(0, 2))],
                                .to = kProducts[static_cast<std::size_t>(Pick(0, 2))],
                                .side = Pick(0, 1) == 0 ? Side::kBuy : Side::kSell,
                                .quantity = Pick(1, 8)};
    if (!fed_.Convert(conversion).empty()) return false;
    history_.emplace_back(conversion);
    return true;
  }

  /// Every figure of every position and holding, counted again from the history.
  void Recounted() const {
    const Quotes quotes = QuotesNow();
    std::map<std::pair<std::int64_t, Product>, Position> positions;
    for (const Position& position : fed_.book.Positions(quotes)) {
      positions[{position.contract.instrument_id, position.product}] = position;
    }
    const auto holdings = fed_.book.Holdings(quotes);
    Amount made;
    for (const Played& played : instruments_) {
      for (const auto& [product, counted] : CountAgain(played.contract)) {
        made += OfNanos(counted.made);
        const auto found = positions.find({played.contract.instrument_id, product});
        if (found != positions.end()) {
          Compare(found->second, counted, PriceOf(played));
        } else {
          EXPECT_EQ(counted.open.quantity, 0) << played.contract.key;
        }
        if (played.contract.is_equity() && product == Product::kDelivery) {
          Compare(holdings, counted, PriceOf(played));
        }
      }
    }
    EXPECT_EQ(fed_.book.realised(), made);
  }

  /// No paisa is lost: what was made and what is open at a price are the money that came in and
  /// what is owned at that price, exactly.
  void Conserved() const {
    const Quotes quotes = QuotesNow();
    const auto positions = fed_.book.Positions(quotes);
    const auto holdings = TotalsOf(fed_.book.Holdings(quotes));
    const Amount open = *MarkToMarket(positions).unrealised() + *holdings.pnl();
    Amount expected = cash_;
    for (const Played& played : instruments_) {
      const auto net = net_.find(played.contract.instrument_id);
      if (net == net_.end()) continue;
      expected += Amount::Of(PriceOf(played), net->second * played.contract.multiplier);
    }
    EXPECT_EQ(fed_.book.realised() + open, expected);
    for (const Position& position : positions) AddsUp(position);
  }

  /// The report has the same profit as the book, and the same charges as the trades.
  void Reported() const {
    std::vector<ClosedLot> closed = fed_.closed;
    for (const ClosedLot& lot : fed_.book.Deliveries()) closed.push_back(lot);
    const auto report = MakePnlReport(closed, {});
    Amount rows;
    for (const PnlRow& row : report.rows) rows += row.profit();
    EXPECT_EQ(rows, fed_.book.realised());
    EXPECT_EQ(report.profit(), fed_.book.realised());
    Amount sections;
    for (const Section section :
         {Section::kEquity, Section::kDerivatives, Section::kCommodity, Section::kCurrency}) {
      sections += MakePnlReport(closed, {.section = section}).profit();
    }
    EXPECT_EQ(sections, fed_.book.realised());
    PnlSum sum;
    for (const PnlDay& day : PnlByDay(closed, fed_.trades, {})) {
      sum.realised += day.sum.realised;
      sum.charges += day.sum.charges;
    }
    Amount charges;
    for (const Trade& trade : fed_.trades) charges += trade.charges;
    EXPECT_EQ(sum.realised, fed_.book.realised());
    EXPECT_EQ(sum.charges, charges);
  }

  std::int64_t closed() const { return static_cast<std::int64_t>(fed_.closed.size()); }

 private:
  struct DayEnded {};

  static Decimal PriceOf(const Played& played) {
    return Decimal::FromNanos(played.ticks * played.tick_nanos);
  }

  Quotes QuotesNow() const {
    Quotes quotes;
    for (const Played& played : instruments_) {
      quotes[played.contract.instrument_id].last = PriceOf(played);
    }
    return quotes;
  }

  std::map<Product, Recount> CountAgain(const Contract& contract) const {
    std::map<Product, Recount> counts;
    for (const Product product : kProducts) {
      const bool holds = contract.is_equity() && product == Product::kDelivery;
      counts.emplace(product, Recount{contract.multiplier, holds});
    }
    std::int64_t number = 0;
    for (const auto& event : history_) {
      ++number;
      if (const auto* trade = std::get_if<Trade>(&event)) {
        if (trade->contract.instrument_id != contract.instrument_id) continue;
        counts.at(trade->product).Take(*trade, number);
      } else if (const auto* conversion = std::get_if<Conversion>(&event)) {
        if (conversion->instrument_id != contract.instrument_id) continue;
        const bool of_day_only = contract.is_equity() && conversion->to == Product::kIntraday;
        counts.at(conversion->to)
            .Receive(conversion->side,
                     counts.at(conversion->from)
                         .GiveUp(conversion->side, conversion->quantity, of_day_only));
      } else {
        for (auto& [product, count] : counts) count.EndDay();
      }
    }
    for (auto& [product, count] : counts) count.Finish();
    return counts;
  }

  static void Same(const Tally& tally, const Recount::Counted& counted) {
    EXPECT_EQ(tally.quantity, counted.quantity);
    EXPECT_EQ(tally.value, OfNanos(counted.value));
  }

  static void Compare(const Position& position, const Recount& counted, Decimal last) {
    SCOPED_TRACE(position.contract.key + " " + std::to_string(int(position.product)));
    const std::int64_t multiplier = position.contract.multiplier;
    Same({position.quantity, position.value}, counted.open);
    Same(position.day_buy, counted.day_buy);
    Same(position.day_sell, counted.day_sell);
    Same(position.overnight_buy, counted.overnight_buy);
    Same(position.overnight_sell, counted.overnight_sell);
    EXPECT_EQ(position.from_holdings, counted.from_holdings);
    EXPECT_EQ(position.realised, OfNanos(counted.made_today));
    EXPECT_EQ(position.average_price.has_value(), counted.open.quantity != 0);
    if (position.average_price) {
      EXPECT_EQ(*position.average_price,
                MeanOf(std::abs(counted.open.value), std::abs(counted.open.quantity) * multiplier));
    }
    EXPECT_EQ(*position.unrealised, Amount::Of(last, counted.uncovered.quantity * multiplier) -
                                        OfNanos(counted.uncovered.value));
  }

  static void Compare(const std::vector<Holding>& holdings, const Recount& counted, Decimal last) {
    ASSERT_LE(holdings.size(), 1U);
    const Holding holding = holdings.empty() ? Holding{} : holdings.front();
    Same({holding.free_quantity(), holding.invested}, counted.held);
    EXPECT_EQ(holding.cnc_used_quantity, counted.from_holdings);
    EXPECT_EQ(holding.pnl.value_or(Amount{}),
              Amount::Of(last, counted.held.quantity) - OfNanos(counted.held.value));
  }

  /// The figures of one position agree among themselves.
  static void AddsUp(const Position& position) {
    SCOPED_TRACE(position.contract.key + " " + std::to_string(int(position.product)));
    EXPECT_EQ(
        position.overnight_quantity() + position.day_buy.quantity - position.day_sell.quantity,
        position.quantity);
    EXPECT_EQ(position.buy.value, position.overnight_buy.value + position.day_buy.value);
    EXPECT_EQ(position.sell.value, position.overnight_sell.value + position.day_sell.value);
    EXPECT_GE(position.day_buy.quantity, 0);
    EXPECT_GE(position.day_sell.quantity, 0);
    if (position.from_holdings != 0) return;
    EXPECT_EQ(
        position.sell.value - position.buy.value +
            Amount::Of(*position.last_price, position.quantity * position.contract.multiplier),
        *position.pnl);
  }

  std::mt19937_64 random_;
  std::vector<Played> instruments_ = Instruments();
  int day_ = 1;
  FedBook fed_{day_};
  std::vector<std::variant<Trade, Conversion, DayEnded>> history_;
  std::map<std::int64_t, std::int64_t> net_;  // units bought less sold, by instrument
  Amount cash_;                               // came in less went out
};

class PortfolioPropertyTest : public testing::TestWithParam<std::uint64_t> {};

/// Flips, partial closes, carried and held units: after every step each figure is what a recount of
/// all trades gives, unit by unit, and not a nano is lost.
TEST_P(PortfolioPropertyTest, EqualsARecountFromAllTradesAtEveryStep) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  Game game{GetParam()};
  for (int step = 0; step < 150 && !HasFailure(); ++step) {
    game.Pick(0, 11) == 0 ? game.BeginDay() : game.TradeOnce();
    game.Recounted();
    game.Conserved();
    game.Reported();
  }
  EXPECT_GT(game.closed(), 20) << "the game closes too little to say anything";
}

/// The same with conversions among all products.
TEST_P(PortfolioPropertyTest, EqualsARecountWithConversionsToo) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  Game game{GetParam()};
  int converted = 0;
  for (int step = 0; step < 300 && !HasFailure(); ++step) {
    const auto dice = game.Pick(0, 19);
    if (dice == 0) {
      game.BeginDay();
    } else if (dice < 10) {
      converted += game.ConvertOnce() ? 1 : 0;
    } else {
      game.TradeOnce();
    }
    game.Recounted();
    game.Conserved();
    game.Reported();
  }
  EXPECT_GT(converted, 10) << "the game converts too little to say anything";
}

INSTANTIATE_TEST_SUITE_P(Seeds, PortfolioPropertyTest,
                         testing::Values(1, 2, 3, 5, 8, 13, 21, 34, 55, 89));

}  // namespace
}  // namespace sauda::orders::portfolio
