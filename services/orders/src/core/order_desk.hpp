#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.hpp"
#include "libs/base/market_clock.hpp"
#include "libs/base/result.hpp"
#include "services/orders/src/core/asked_changes.hpp"
#include "services/orders/src/core/budget/order_budget.hpp"
#include "services/orders/src/core/kill/kill_switch.hpp"
#include "services/orders/src/core/kill/open_orders.hpp"
#include "services/orders/src/core/ledger.hpp"
#include "services/orders/src/core/order_rules.hpp"
#include "services/orders/src/core/ports.hpp"
#include "services/orders/src/core/slot.hpp"
#include "services/orders/src/core/told_changes.hpp"

namespace sauda::orders {

/// One check between validation and the ledger: risk limits, budget, lease.
/// Thread-safe.
class OrderCheck {
 public:
  virtual ~OrderCheck() = default;
  /// Fails with the reason to give the caller; nothing was sent then.
  virtual Result<void> Check(const NewOrder& order, const Instrument& instrument) = 0;
};

/// An order's way: validate, checks, ledger (intent committed), route, ledger (outcome), listeners.
/// Owned by the app; thread-safe; calls block as long as the ports do. One desk per account, and
/// one process per desk: it alone knows which orders are under way.
class OrderDesk {
 public:
  struct Parts {
    std::string account_id;
    Ledger& ledger;
    InstrumentDirectory& instruments;
    Venue& venue;
    OrderListener& listener;
    Watchman& watchman;
    const Clock& clock;
    const MarketClock& market_clock;
    std::function<std::string()> make_tag;  ///< a new id of ours each time, at most 40 characters
    std::vector<OrderCheck*> checks;        ///< asked in this order, after validation
    const KillSwitch* kill = nullptr;  ///< asked before the ledger, and again before every sending
    OrderBudget* budget = nullptr;     ///< room at the broker; null: there is no limit (paper)
    std::chrono::milliseconds budget_patience{1'000};  ///< how long a call may wait for room
    OpenOrders* open_orders = nullptr;  ///< hears of numbers that could not be written
    DealListener* deals = nullptr;      ///< hears of every trade that was kept
  };

  explicit OrderDesk(Parts parts) : parts_{std::move(parts)} {}

  /// Whether the caller still waits for the answer; empty: always.
  using StillWaits = std::function<bool()>;

  /// Places an order, once. The errors are those of PlaceOrder in orders.proto. A caller who has
  /// given up finds no order sent afterwards: it is refused, or NOT_SENT when it is committed.
  Result<Order> Place(NewOrder order, const StillWaits& still_waits = nullptr);
  /// The errors are those of ModifyOrder.
  Result<Order> Modify(const OrderName& name, const TermsChange& change);
  /// The errors are those of CancelOrder.
  Result<Order> Cancel(const OrderName& name);
  Result<Order> Get(OrderName name);
  Result<Ledger::Page> List(Ledger::Query query);

  /// Takes in a state told by the broker or the paper engine. An order that nobody here placed is
  /// adopted as `ext-<number>`. Fails with kUnavailable / DATABASE_DOWN: tell it again; what the
  /// rules refuse is told to the watchman and is no error.
  /// `read_at` is when the reading of the broker's book began that showed the row; absent: it came
  /// by another way.
  Result<void> Learn(const BrokerRow& row, std::optional<Monotonic> read_at = {});

  /// Applies a report to one order and tells the listeners. Fails as Ledger::Apply does.
  Result<Order> Apply(const OrderName& name, const Report& report,
                      std::optional<Monotonic> read_at = {});

  /// Takes up the modifies that an earlier run asked for and could not see confirmed: the next ones
  /// build on them. Before modifies are let through. Fails with kUnavailable / DATABASE_DOWN.
  Result<void> RecallModifies();

  /// Whether the broker that orders go to is a simulated one.
  bool simulated() const { return parts_.venue.simulated(); }

  /// Orders of which a modify or a cancel is not confirmed.
  std::size_t unconfirmed() const { return asked_.size(); }

  /// Whether a modify or a cancel of this order is not confirmed.
  bool IsUnconfirmed(const std::string& client_order_id) const {
    return asked_.Has(client_order_id);
  }

  /// Whether a call in this process is placing the order right now.
  bool IsUnderWay(const std::string& client_order_id) const;

  /// Fills in the only account. Fails with kNotFound / ACCOUNT_UNKNOWN.
  Result<void> ResolveAccount(std::string& account_id) const;

 private:
  struct Prepared {
    Order intent;
    Instrument instrument;
  };

  Result<Order> PlaceAlone(const NewOrder& order, const StillWaits& still_waits);
  Result<Prepared> Prepare(const NewOrder& order);
  Result<Order> Answer(const Order& kept, const NewOrder& asked) const;
  Result<Ledger::Begun> Begin(const Order& intent);
  Result<Order> Send(const Prepared& prepared, const StillWaits& still_waits);
  Report SendOnce(const Prepared& prepared, const StillWaits& still_waits);
  Result<void> CheckKill() const;
  Result<void> TakeRoom(Spend spend) const;
  Result<void> CheckChangeable(const Order& order) const;
  Result<void> SendModify(const Order& order, const Terms& terms);
  Result<Order> Ask(const OrderName& name, const Noted& asked,
                    const std::function<Result<void>(const Order&)>& send);
  Result<void> Adopt(const BrokerRow& row);
  Result<void> LearnOf(const Order& order, const BrokerRow& row, std::optional<Monotonic> read_at);
  std::mutex& StripeOf(const std::string& client_order_id);

  const Parts parts_;
  mutable std::mutex mutex_;
  Slot::Ids under_way_;  // being placed; guarded by mutex_
  Slot::Ids modified_;   // being modified; guarded by mutex_
  AskedChanges asked_;
  ToldChanges told_;
  std::array<std::mutex, 64> stripes_;  // each orders the changes of some orders and their telling
};

}  // namespace sauda::orders
