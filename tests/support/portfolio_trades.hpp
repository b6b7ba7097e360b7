#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/orders/src/core/portfolio/position_book.hpp"

namespace sauda::orders::portfolio {

inline Decimal D(const char* text) { return *Decimal::Parse(text); }
inline Amount A(const char* text) { return *Amount::Parse(text); }

inline Contract Share() {
  return {.instrument_id = 1,
          .key = "NSE_EQ|INE009A01021",
          .trading_symbol = "INFY",
          .segment = "NSE_EQ",
          .kind = Kind::kEquity};
}

inline Contract Future() {
  return {.instrument_id = 7,
          .key = "NSE_FO|53001",
          .trading_symbol = "NIFTY FUT 30 DEC 25",
          .segment = "NSE_FO",
          .kind = Kind::kFuture};
}

/// Quantities are lots of 100 barrels.
inline Contract Crude() {
  return {.instrument_id = 9,
          .key = "MCX_FO|472782",
          .trading_symbol = "CRUDEOIL FUT 19 JAN 26",
          .segment = "MCX_FO",
          .kind = Kind::kFuture,
          .multiplier = 100};
}

/// A day of December 2025, or so many after it began; the 15th is a Monday.
inline IstDate December(int day) {
  return IstDate{.year = 2025, .month = 12, .day = 1}.Plus(day - 1);
}

/// A share of INFY bought at 100 on the 15th at 09:30 IST, changed by a test.
template <typename Change>
Trade TradeWith(Change change) {
  Trade trade{.id = "t1",
              .order_id = "o1",
              .contract = Share(),
              .product = Product::kIntraday,
              .side = Side::kBuy,
              .quantity = 1,
              .price = D("100"),
              .market_ms = December(15).AtMinute(570)};
  change(trade);
  return trade;
}

/// A book and who feeds it: numbers the trades, keeps what was closed, fails the test when a trade
/// is refused.
class FedBook {
 public:
  /// The book begins on this day of December 2025, with what was bought two days before settled.
  explicit FedBook(int day = 15) : book{MarketDayOf(day)} {}

  static MarketDay MarketDayOf(int day) {
    return {.date = December(day), .settled_through = December(day - 2)};
  }

  void Buy(const Contract& contract, Product product, std::int64_t quantity, const char* price,
           const char* charges = "0") {
    Feed(contract, product, Side::kBuy, quantity, price, charges);
  }
  void Sell(const Contract& contract, Product product, std::int64_t quantity, const char* price,
            const char* charges = "0") {
    Feed(contract, product, Side::kSell, quantity, price, charges);
  }

  std::vector<LeftOver> Begin(int day) {
    auto end = book.BeginDay(MarketDayOf(day));
    EXPECT_TRUE(end.has_value());
    if (!end) return {};
    Keep(end->delivered);
    return end->left_over;
  }

  /// The reason for which it is refused; empty: converted.
  std::string Convert(const Conversion& conversion) {
    const auto converted = book.Convert(conversion);
    if (!converted) return converted.error().reason;
    Keep(*converted);
    return "";
  }

  void Keep(const std::vector<ClosedLot>& lots) {
    closed.insert(closed.end(), lots.begin(), lots.end());
  }

  /// The only position of an instrument and product, at this last price; "" is none.
  Position At(const Contract& contract, Product product, const char* last = "") const {
    Quotes quotes;
    if (*last != '\0') quotes[contract.instrument_id].last = D(last);
    for (const Position& position : book.Positions(quotes)) {
      if (position.contract.instrument_id == contract.instrument_id &&
          position.product == product) {
        return position;
      }
    }
    ADD_FAILURE() << "no position of " << contract.key;
    return {};
  }

  PositionBook book;
  std::vector<Trade> trades;
  std::vector<ClosedLot> closed;

 private:
  void Feed(const Contract& contract, Product product, Side side, std::int64_t quantity,
            const char* price, const char* charges) {
    const std::string number = std::to_string(trades.size() + 1);
    trades.push_back({.id = "t" + number,
                      .order_id = "o" + number,
                      .contract = contract,
                      .product = product,
                      .side = side,
                      .quantity = quantity,
                      .price = D(price),
                      .market_ms = book.day().date.AtMinute(570),
                      .charges = A(charges)});
    const auto booked = book.Apply(trades.back());
    ASSERT_TRUE(booked.has_value()) << booked.error().message;
    ASSERT_FALSE(booked->repeated);
    Keep(booked->closed);
  }
};

}  // namespace sauda::orders::portfolio
