#include "services/orders/src/metrics.hpp"

#include <string>

namespace sauda::orders {
namespace {

prometheus::Counter& CounterOf(prometheus::Registry& registry, const std::string& name,
                               const std::string& help, const prometheus::Labels& labels = {}) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Gauge& GaugeOf(prometheus::Registry& registry, const std::string& name,
                           const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Counter& SentOf(prometheus::Registry& registry, const std::string& outcome) {
  return CounterOf(registry, "sauda_orders_sent_total",
                   "Orders that were committed and sent, by what became of the sending.",
                   {{"outcome", outcome}});
}

prometheus::Counter& ReconcileOf(prometheus::Registry& registry, const std::string& result) {
  return CounterOf(registry, "sauda_orders_reconciliations_total",
                   "Comparisons of the ledger with the broker's book, by result.",
                   {{"result", result}});
}

prometheus::Counter& KillCancelOf(prometheus::Registry& registry, const std::string& outcome) {
  return CounterOf(registry, "sauda_orders_kill_cancels_total",
                   "Cancels sent by the kill switch, by what became of the asking.",
                   {{"outcome", outcome}});
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : sent_pending{SentOf(registry, "pending")},
      sent_rejected{SentOf(registry, "rejected")},
      sent_not_sent{SentOf(registry, "not_sent")},
      sent_unknown{SentOf(registry, "unknown")},
      unrecorded{CounterOf(registry, "sauda_orders_outcomes_unrecorded_total",
                           "Sent orders whose outcome could not be written at once.")},
      adopted{CounterOf(registry, "sauda_orders_adopted_total",
                        "Orders placed elsewhere, now in the ledger.")},
      turned_up{CounterOf(registry, "sauda_orders_turned_up_total",
                          "Orders concluded as not at the broker that were there after all.")},
      settled{CounterOf(registry, "sauda_orders_unknown_settled_total",
                        "Orders of unknown fate whose fate was found out.")},
      not_understood{CounterOf(registry, "sauda_orders_updates_refused_total",
                               "Updates of the broker that the ledger's rules refused.")},
      missing_from_book{CounterOf(registry, "sauda_orders_missing_from_book_total",
                                  "Times an open order was not in the broker's book.")},
      slow_watchers{CounterOf(registry, "sauda_orders_slow_watchers_total",
                              "WatchOrders calls ended because their reader was too slow.")},
      watchers{GaugeOf(registry, "sauda_orders_watchers", "WatchOrders calls in progress.")},
      unknown_orders{GaugeOf(registry, "sauda_orders_unknown_orders", "Orders of unknown fate.")},
      open_orders{GaugeOf(registry, "sauda_orders_open_orders", "Orders that may still trade.")},
      accepting{
          GaugeOf(registry, "sauda_orders_accepting", "1 when new orders are taken, else 0.")},
      reconciled{ReconcileOf(registry, "ok")},
      reconcile_failed{ReconcileOf(registry, "failed")},
      stream_breaks{CounterOf(registry, "sauda_orders_portfolio_stream_breaks_total",
                              "Times the broker's portfolio stream ended or could not be used.")},
      paper_steps_waiting{GaugeOf(registry, "sauda_orders_paper_steps_waiting",
                                  "Steps of paper orders that wait for the ledger.")},
      paper_steps_dropped{CounterOf(registry, "sauda_orders_paper_steps_dropped_total",
                                    "Steps of paper orders that the ledger's rules refused.")},
      halted{GaugeOf(registry, "sauda_orders_halted", "1 while the kill switch is on, else 0.")},
      halted_open_orders{GaugeOf(registry, "sauda_orders_halted_open_orders",
                                 "Orders found open by the last look under the kill switch.")},
      kill_cancels{KillCancelOf(registry, "asked")},
      kill_cancels_failed{KillCancelOf(registry, "failed")},
      unconfirmed_orders{GaugeOf(registry, "sauda_orders_unconfirmed_orders",
                                 "Orders with fills that no trade of the broker confirms yet.")},
      trades_unbookable{CounterOf(registry, "sauda_orders_trades_unbookable_total",
                                  "Trades that no position could be made of.")} {}

}  // namespace sauda::orders
