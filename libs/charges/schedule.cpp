#include "libs/charges/schedule.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "libs/charges/tables.hpp"

namespace sauda::charges {
namespace {

bool IsDay(Day day) {
  const Day month = day / 100 % 100;
  const Day of_month = day % 100;
  return 1 <= month && month <= 12 && 1 <= of_month && of_month <= 31;
}

/// The first row that fits, or null.
template <typename Row, std::size_t size, typename Fits>
const Row* Find(const std::array<Row, size>& rows, Day day, Fits fits) {
  if (!IsDay(day)) return nullptr;
  const auto found = std::find_if(
      rows.begin(), rows.end(), [&](const Row& row) { return row.days.Contain(day) && fits(row); });
  return found == rows.end() ? nullptr : &*found;
}

auto Of(Kind kind) {
  return [kind](const auto& row) { return tables::Contains(row.kinds, kind); };
}

bool HasGroup(std::string_view groups, std::string_view group) {
  if (groups.empty()) return true;
  const std::string between = " " + std::string{group} + " ";
  return group.find(' ') == std::string_view::npos && groups.find(between) != groups.npos;
}

Error Unknown(const std::string& what, Day day) {
  return {Code::kNotFound, "CHARGES_UNKNOWN",
          "no charges are known for " + what + " on " + std::to_string(day) +
              ": the schedule begins with " + std::to_string(tables::kBeginning)};
}

constexpr std::array kExchangeNames{"NSE", "BSE", "MCX"};
constexpr std::array kKindNames{"shares for delivery", "shares within the day", "stock futures",
                                "index futures",       "stock options",         "index options",
                                "currency futures",    "currency options",      "commodity futures",
                                "commodity options"};

template <typename Enum, std::size_t size>
std::string NameIn(const std::array<const char*, size>& names, Enum value) {
  const auto place = static_cast<std::size_t>(value);
  return place < size ? names.at(place) : "number " + std::to_string(place);
}

std::string Describe(const ChargedOrder& order) {
  return NameIn(kKindNames, order.kind) + " (group " + order.bse_group + ") at " +
         NameIn(kExchangeNames, order.exchange);
}

}  // namespace

Result<OrderRates> RatesOf(const ChargedOrder& order) {
  const auto of_kind = Of(order.kind);
  const tables::Tax* const stt = Find(tables::kTransactionTax, order.day, of_kind);
  const tables::Tax* const stamp = Find(tables::kStampDuty, order.day, of_kind);
  const tables::Brokerage* const brokerage = Find(tables::kBrokerage, order.day, of_kind);
  const tables::Common* const common =
      Find(tables::kCommon, order.day, [](const tables::Common&) { return true; });
  const tables::ExchangeFee* const fee =
      Find(tables::kExchangeFees, order.day, [&](const tables::ExchangeFee& row) {
        return row.exchange == order.exchange && of_kind(row) &&
               HasGroup(row.bse_groups, order.bse_group);
      });
  if (stt == nullptr || stamp == nullptr || brokerage == nullptr || common == nullptr ||
      fee == nullptr) {
    return Unknown(Describe(order), order.day);
  }
  const bool buys = order.side == Side::kBuy;
  return OrderRates{.brokerage = brokerage->rate,
                    .stt = buys ? stt->buy : stt->sell,
                    .stamp_duty = buys ? stamp->buy : stamp->sell,
                    .transaction = fee->transaction,
                    .ipft = fee->ipft,
                    .sebi_turnover = common->sebi_turnover,
                    .gst = common->gst};
}

Result<DematRates> DematRatesOn(Day day) {
  const tables::Common* const common =
      Find(tables::kCommon, day, [](const tables::Common&) { return true; });
  if (common == nullptr) return Unknown("the demat account", day);
  return DematRates{.for_scrip = common->demat_for_scrip, .gst = common->gst};
}

Result<Decimal> ExerciseRateOn(Kind kind, Day day) {
  const tables::Tax* const tax = Find(tables::kExerciseTax, day, Of(kind));
  if (tax == nullptr) {
    return Unknown("an exercise of " + NameIn(kKindNames, kind), day);
  }
  return tax->buy;
}

}  // namespace sauda::charges
