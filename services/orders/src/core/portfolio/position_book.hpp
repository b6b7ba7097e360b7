#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "libs/base/amount.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/portfolio/closed_lot.hpp"
#include "services/orders/src/core/portfolio/conversion.hpp"
#include "services/orders/src/core/portfolio/holding.hpp"
#include "services/orders/src/core/portfolio/line.hpp"
#include "services/orders/src/core/portfolio/position.hpp"
#include "services/orders/src/core/portfolio/trade.hpp"

namespace sauda::orders::portfolio {

/// A trading day of the book.
struct MarketDay {
  IstDate date;
  /// Shares bought on this day or before are settled: they are holdings proper, later ones T1. With
  /// settlement on the day after the trade it is the last settlement day but one before `date`.
  IstDate settled_through;
};

/// What should not have been open when the day ended. It is carried all the same, and told again
/// the next day, so that no money is lost from sight.
struct LeftOver {
  enum class Why : std::uint8_t {
    kIntradayOpen,  ///< the broker squares off or converts: the book lacks that
    kSoldNotOwned   ///< shares sold for delivery that neither holdings nor purchases cover
  };
  Why why = Why::kIntradayOpen;
  Contract contract;
  Product product = Product::kUnknown;
  std::int64_t quantity = 0;  ///< negative: short
  Amount value;               ///< what it cost; negative: what it was sold for
};

/// Positions, holdings and profits of one account, from its trades. Not thread-safe; one owner; no
/// clock: the caller begins each day. The same calls in the same order give the same book, so it is
/// rebuilt from the ledger's trades; profits made are handed out once, as they are made, and are
/// the caller's to keep.
///
/// Averaging: first in, first out, per instrument and product (see LotQueue). The average price is
/// the mean of the units that are still open; a profit is made when units are matched. What is
/// carried overnight stays at what it was traded for, as the broker shows it (a sample of its
/// documents carries at 2.65 with a close of 1.95): so profits of all days add up to the money that
/// came in, which they would not if yesterday's close were the new cost.
///
/// What the account owned before its first trade here is booked as trades of an earlier day, at the
/// broker's average.
class PositionBook {
 public:
  explicit PositionBook(const MarketDay& first) : day_{first} {}

  struct Booked {
    bool repeated = false;          ///< the book has this trade already: nothing changed
    std::vector<ClosedLot> closed;  ///< what it closed
  };

  /// Books a trade of the day. Fails, changing nothing, as CheckTrade does, and with:
  /// - kAlreadyExists: TRADE_CONFLICT, the trade is booked with other content;
  /// - kFailedPrecondition: TRADE_OF_EARLIER_DAY, the book has to be rebuilt with it (or it is a
  ///   repeat: those of earlier days are not known any more); DAY_NOT_BEGUN, it is of a later day;
  ///   CONTRACT_CONFLICT, the instrument is open with another segment, kind or multiplier.
  Result<Booked> Apply(const Trade& trade);

  /// Moves units of a position to another product; what is open there on the other side is closed
  /// against them. Positions and profits together are worth the same as before. Fails as
  /// CheckConversion does.
  Result<std::vector<ClosedLot>> Convert(const Conversion& conversion);

  struct DayEnd {
    /// Sales out of holdings, closed now that the day cannot give them back; closed_on is the day
    /// that ended.
    std::vector<ClosedLot> delivered;
    std::vector<LeftOver> left_over;
  };

  /// Ends the day and begins a later one: shares bought for delivery become holdings, positions are
  /// carried, squared-off ones go, the day's figures are 0 again. Fails with kInvalidArgument /
  /// DAY_NOT_LATER, or SETTLEMENT_INVALID (not before the day, or before what was settled).
  Result<DayEnd> BeginDay(const MarketDay& next);

  const MarketDay& day() const { return day_; }

  /// By instrument and product.
  std::vector<Position> Positions(const Quotes& quotes) const;
  std::vector<Holding> Holdings(const Quotes& quotes) const;

  /// What the day's sales out of holdings would close if it ended now; purchases may still take
  /// their place.
  std::vector<ClosedLot> Deliveries() const;

  /// Profit before charges of all that was closed since the book began, Deliveries included.
  Amount realised() const;

 private:
  using LineKey = std::pair<std::int64_t, Product>;
  using TradeKey = std::tuple<std::string, std::string, Side>;  // segment and id: unique in a day

  Result<void> CheckDay(const Trade& trade) const;
  Result<void> CheckContract(const Contract& contract) const;
  Line* Find(const LineKey& key);
  Line& LineOf(const Contract& contract, Product product);

  MarketDay day_;
  std::map<LineKey, Line> lines_;
  std::map<TradeKey, Trade> booked_;  // of the day
  std::int64_t last_number_ = 0;
  Amount realised_;  // for good
};

}  // namespace sauda::orders::portfolio
