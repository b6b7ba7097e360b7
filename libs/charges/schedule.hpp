#pragma once

#include "libs/base/decimal.hpp"
#include "libs/base/result.hpp"
#include "libs/charges/types.hpp"

namespace sauda::charges {

/// Upstox's brokerage for an executed order: the lower of the two.
struct BrokerageRate {
  Decimal flat;   ///< rupees
  Decimal share;  ///< of the order's turnover; 0: flat alone
};

/// What holds for an order. Shares of turnover, 0.001 being a tenth of a percent.
struct OrderRates {
  BrokerageRate brokerage;
  Decimal stt;
  Decimal stamp_duty;
  Decimal transaction;
  Decimal ipft;
  Decimal sebi_turnover;
  Decimal gst;  ///< of what is a service: all of the above but taxes
};

/// What holds when shares leave the demat account.
struct DematRates {
  Decimal for_scrip;  ///< rupees for a scrip and day
  Decimal gst;        ///< share of that
};

/// The schedule, as known on 27 November 2026: tables.hpp has its rows and their sources. Each
/// fails with kNotFound / CHARGES_UNKNOWN when there is no row, first of all before 1 October 2024.
Result<OrderRates> RatesOf(const ChargedOrder& order);
Result<DematRates> DematRatesOn(Day day);
/// STT on the intrinsic value of an exercised option.
Result<Decimal> ExerciseRateOn(Kind kind, Day day);

}  // namespace sauda::charges
