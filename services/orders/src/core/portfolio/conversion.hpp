#pragma once

#include <cstdint>

#include "libs/base/result.hpp"
#include "services/orders/src/core/portfolio/line.hpp"

namespace sauda::orders::portfolio {

/// Moves open units of a position to another product, with what they cost.
struct Conversion {
  std::int64_t instrument_id = 0;
  Product from = Product::kUnknown;
  Product to = Product::kUnknown;
  Side side = Side::kUnknown;  ///< of the position: kBuy when it is long
  std::int64_t quantity = 0;   ///< units, above 0
};

/// Whether only units of the day may go: shares of an earlier day do not become intraday again.
bool TakesOnlyTheDays(const Contract& contract, Product to);

/// Whether a conversion may be made; null: no such position. Fails, changing nothing:
/// - kInvalidArgument: QUANTITY_NOT_POSITIVE;
/// - kNotFound: POSITION_UNKNOWN, nothing is open under that product on that side (holdings are no
///   position);
/// - kFailedPrecondition: QUANTITY_TOO_LARGE, that much is not open; CONVERT_NOT_ALLOWED, the
///   products are the same or unknown, or margin funding of what is no purchase of shares, or
///   shares carried from an earlier day to intraday, or shares sold short to delivery beyond what
///   the holdings can deliver.
/// Source: the broker's documents, convert positions: units of delivery become intraday only on the
/// day they were bought; and its help page 251448.
Result<void> CheckConversion(const Conversion& conversion, const Line* from, const Line* to);

}  // namespace sauda::orders::portfolio
