#include "services/orders/src/watchman_log.hpp"

#include "libs/telemetry/log.hpp"

namespace sauda::orders {
namespace {

const char* NameOfState(OrderState state) {
  constexpr const char* kNames[] = {"NONE",    "INTENT",  "PENDING",   "TRIGGER_PENDING",
                                    "OPEN",    "FILLED",  "CANCELLED", "REJECTED",
                                    "UNKNOWN", "NOT_SENT"};
  return kNames[static_cast<std::size_t>(state)];
}

void Log(spdlog::level::level_enum level, const char* what, const Order& order,
         std::string_view detail) {
  spdlog::log(level, "{} account={} client_order_id={} tag={} state={} route={} simulated={} {}",
              what, telemetry::Quoted(order.request.account_id),
              telemetry::Quoted(order.request.client_order_id), telemetry::Quoted(order.tag),
              NameOfState(order.state), order.route == Route::kLive ? "live" : "paper",
              order.simulated, "detail=" + telemetry::Quoted(detail));
}

}  // namespace

void WatchmanLog::CountSent(const Order& order) {
  switch (order.state) {
    case OrderState::kRejected:
      return metrics_.sent_rejected.Increment();
    case OrderState::kNotSent:
      return metrics_.sent_not_sent.Increment();
    case OrderState::kUnknown:
      return metrics_.sent_unknown.Increment();
    default:
      return metrics_.sent_pending.Increment();
  }
}

void WatchmanLog::Tell(What what, const Order& order, std::string_view detail) {
  using spdlog::level::level_enum;
  switch (what) {
    case What::kPlaced:
      CountSent(order);
      return Log(level_enum::info, "order placed", order, detail);
    case What::kUnknown:
      CountSent(order);
      return Log(level_enum::err, "order of unknown fate", order, detail);
    case What::kAdopted:
      metrics_.adopted.Increment();
      return Log(level_enum::warn, "order adopted", order, detail);
    case What::kTurnedUp:
      metrics_.turned_up.Increment();
      return Log(level_enum::err, "order turned up at the broker after all", order, detail);
    case What::kSettled:
      metrics_.settled.Increment();
      return Log(level_enum::info, "order's fate found out", order, detail);
    case What::kNotUnderstood:
      metrics_.not_understood.Increment();
      return Log(level_enum::err, "update of an order refused", order, detail);
    case What::kUnrecorded:
      metrics_.unrecorded.Increment();
      return Log(level_enum::err, "outcome of a sent order not written", order, detail);
    case What::kMissingFromBook:
      metrics_.missing_from_book.Increment();
      return Log(level_enum::warn, "open order not in the broker's book", order, detail);
  }
}

}  // namespace sauda::orders
