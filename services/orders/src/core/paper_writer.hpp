#pragma once

#include "libs/base/result.hpp"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/order_desk.hpp"
#include "services/orders/src/core/paper_engine.hpp"
#include "services/orders/src/core/ports.hpp"

namespace sauda::orders {

/// Writes what the paper engine does to the ledger: each step, and with a fill its trade and the
/// charges of it, in one transaction. For one thread.
class PaperWriter {
 public:
  PaperWriter(OrderDesk& desk, Ledger& ledger, InstrumentDirectory& instruments)
      : desk_{desk}, ledger_{ledger}, instruments_{instruments} {}

  /// Fails as OrderDesk::Apply and InstrumentDirectory::Find do; kUnavailable: to be tried again.
  Result<void> Write(const PaperStep& step);

 private:
  OrderDesk& desk_;
  Ledger& ledger_;
  InstrumentDirectory& instruments_;
};

}  // namespace sauda::orders
