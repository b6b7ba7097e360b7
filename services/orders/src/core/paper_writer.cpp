#include "services/orders/src/core/paper_writer.hpp"

#include "services/orders/src/core/deal_maker.hpp"

namespace sauda::orders {

Result<void> PaperWriter::Write(const PaperStep& step) {
  BrokerRow row = step.row;
  if (step.traded) {
    const auto order = ledger_.Find(step.name);
    if (!order) return order.error();
    auto instrument = instruments_.Find(order->instrument_key);
    if (!instrument && instrument.error().code == Code::kNotFound) {
      instrument = BareInstrument(*order);
    }
    if (!instrument) return instrument.error();
    const auto kept = DealsOfOrder(ledger_, step.name);
    if (!kept) return kept.error();
    row.deals = MakeDeals(*order, *instrument, *kept, {*step.traded});
  }
  const auto written = desk_.Apply(step.name, row);
  if (!written) return written.error();
  return {};
}

}  // namespace sauda::orders
