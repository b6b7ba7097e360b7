#include "services/orders/src/core/portfolio/position_book.hpp"

namespace sauda::orders::portfolio {
namespace {

const Quote& QuoteOf(const Quotes& quotes, std::int64_t instrument_id) {
  static const Quote kNone;
  const auto found = quotes.find(instrument_id);
  return found == quotes.end() ? kNone : found->second;
}

/// What is open after a day's end and should not be.
std::optional<LeftOver> LeftOverOf(const Line& line) {
  if (line.side() == Side::kUnknown) return std::nullopt;
  const bool intraday = line.product() == Product::kIntraday;
  const bool not_owned = line.contract().is_equity() && line.side() == Side::kSell;
  if (!intraday && !not_owned) return std::nullopt;
  const Position position = line.ViewPosition({});
  return LeftOver{.why = intraday ? LeftOver::Why::kIntradayOpen : LeftOver::Why::kSoldNotOwned,
                  .contract = position.contract,
                  .product = position.product,
                  .quantity = position.quantity,
                  .value = position.value};
}

}  // namespace

Result<void> PositionBook::CheckDay(const Trade& trade) const {
  const IstDate day = trade.day();
  if (day < day_.date) {
    return Error{Code::kFailedPrecondition, "TRADE_OF_EARLIER_DAY",
                 "trade '" + trade.id + "' is of " + day.ToString() + ", the book is at " +
                     day_.date.ToString() + ": rebuild it with this trade in its place"};
  }
  if (day > day_.date) {
    return Error{Code::kFailedPrecondition, "DAY_NOT_BEGUN",
                 "trade '" + trade.id + "' is of " + day.ToString() + ", the book is at " +
                     day_.date.ToString() + ": begin that day first"};
  }
  return {};
}

Result<void> PositionBook::CheckContract(const Contract& contract) const {
  const auto line = lines_.lower_bound({contract.instrument_id, Product::kUnknown});
  if (line == lines_.end() || line->first.first != contract.instrument_id) return {};
  const Contract& known = line->second.contract();
  if (known.segment == contract.segment && known.kind == contract.kind &&
      known.multiplier == contract.multiplier) {
    return {};
  }
  return Error{Code::kFailedPrecondition, "CONTRACT_CONFLICT",
               "instrument " + std::to_string(contract.instrument_id) + " is open as " + known.key +
                   " in " + known.segment + ", multiplier " + std::to_string(known.multiplier) +
                   ": the trade names another segment, kind or multiplier"};
}

Line* PositionBook::Find(const LineKey& key) {
  const auto found = lines_.find(key);
  return found == lines_.end() ? nullptr : &found->second;
}

Line& PositionBook::LineOf(const Contract& contract, Product product) {
  return lines_.try_emplace({contract.instrument_id, product}, contract, product).first->second;
}

Result<PositionBook::Booked> PositionBook::Apply(const Trade& trade) {
  if (const auto checked = CheckTrade(trade); !checked) return checked.error();
  if (const auto checked = CheckDay(trade); !checked) return checked.error();
  const TradeKey key{trade.contract.segment, trade.id, trade.side};
  if (const auto known = booked_.find(key); known != booked_.end()) {
    if (SameTrade(known->second, trade)) return Booked{.repeated = true};
    return Error{Code::kAlreadyExists, "TRADE_CONFLICT",
                 "trade '" + trade.id + "' of " + trade.contract.key +
                     " is booked with other content: see which of the two is right"};
  }
  if (const auto checked = CheckContract(trade.contract); !checked) return checked.error();
  booked_.emplace(key, trade);
  Line& line = LineOf(trade.contract, trade.product);
  line.Rename(trade.contract.trading_symbol);
  line.AddCharges(trade.charges);
  Booked booked{.closed = line.Add({.side = trade.side,
                                    .quantity = trade.quantity,
                                    .price = trade.price,
                                    .day = day_.date,
                                    .number = ++last_number_},
                                   day_.date)};
  realised_ += ProfitOf(booked.closed);
  return booked;
}

Result<std::vector<ClosedLot>> PositionBook::Convert(const Conversion& conversion) {
  Line* const from = Find({conversion.instrument_id, conversion.from});
  const Line* const there = Find({conversion.instrument_id, conversion.to});
  if (const auto checked = CheckConversion(conversion, from, there); !checked) {
    return checked.error();
  }
  Line& to = LineOf(from->contract(), conversion.to);
  std::vector<ClosedLot> closed;
  const bool of_day_only = TakesOnlyTheDays(from->contract(), conversion.to);
  for (Lot& lot : from->Remove(conversion.quantity, of_day_only)) {
    for (ClosedLot& pair : to.Add(std::move(lot), day_.date)) closed.push_back(std::move(pair));
  }
  realised_ += ProfitOf(closed);
  return closed;
}

Result<PositionBook::DayEnd> PositionBook::BeginDay(const MarketDay& next) {
  if (next.date <= day_.date) {
    return Error{
        Code::kInvalidArgument, "DAY_NOT_LATER",
        "the book is at " + day_.date.ToString() + ": " + next.date.ToString() + " cannot begin"};
  }
  if (next.settled_through >= next.date || next.settled_through < day_.settled_through) {
    return Error{Code::kInvalidArgument, "SETTLEMENT_INVALID",
                 "settled_through: before " + next.date.ToString() + ", and not before " +
                     day_.settled_through.ToString()};
  }
  DayEnd end;
  for (auto line = lines_.begin(); line != lines_.end();) {
    for (ClosedLot& lot : line->second.EndDay(day_.date)) end.delivered.push_back(std::move(lot));
    if (auto left = LeftOverOf(line->second)) end.left_over.push_back(*std::move(left));
    line = line->second.empty() ? lines_.erase(line) : std::next(line);
  }
  realised_ += ProfitOf(end.delivered);
  booked_.clear();
  day_ = next;
  return end;
}

std::vector<Position> PositionBook::Positions(const Quotes& quotes) const {
  std::vector<Position> positions;
  for (const auto& [key, line] : lines_) {
    if (line.has_position()) positions.push_back(line.ViewPosition(QuoteOf(quotes, key.first)));
  }
  return positions;
}

std::vector<Holding> PositionBook::Holdings(const Quotes& quotes) const {
  std::vector<Holding> holdings;
  for (const auto& [key, line] : lines_) {
    auto holding = line.ViewHolding(day_.settled_through, QuoteOf(quotes, key.first));
    if (holding) holdings.push_back(*std::move(holding));
  }
  return holdings;
}

std::vector<ClosedLot> PositionBook::Deliveries() const {
  std::vector<ClosedLot> deliveries;
  for (const auto& [key, line] : lines_) {
    for (ClosedLot& lot : line.Deliveries(day_.date)) deliveries.push_back(std::move(lot));
  }
  return deliveries;
}

Amount PositionBook::realised() const { return realised_ + ProfitOf(Deliveries()); }

}  // namespace sauda::orders::portfolio
