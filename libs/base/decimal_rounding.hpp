#pragma once

#include "libs/base/decimal.hpp"

namespace sauda {

/// The number as its shortest decimal text says, rounded to nine decimals when that has more. For
/// what others have computed: averages, values, market prices. Never for the price of an order,
/// which is read from its text and is exact or refused. Fails with kInvalidArgument /
/// DECIMAL_MALFORMED (not a number), DECIMAL_OUT_OF_RANGE.
Result<Decimal> RoundedDecimal(double number);

/// The same from a text as Decimal::Parse takes it.
Result<Decimal> RoundedDecimal(std::string_view text);

}  // namespace sauda
