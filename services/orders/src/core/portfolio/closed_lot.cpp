#include "services/orders/src/core/portfolio/closed_lot.hpp"

namespace sauda::orders::portfolio {

Amount ProfitOf(const std::vector<ClosedLot>& lots) {
  Amount sum;
  for (const ClosedLot& lot : lots) sum += lot.profit();
  return sum;
}

}  // namespace sauda::orders::portfolio
