#pragma once

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "services/orders/src/core/ledger.hpp"

namespace sauda::orders {

/// A ledger in memory that passes tests/contract/orders/ledger_contract.hpp. `Break` makes the next
/// calls fail as a database that is away.
class MemoryLedger final : public Ledger {
 public:
  /// The next `calls` calls fail with kUnavailable / `reason`; -1: until further notice.
  void Break(int calls, std::string reason = "DATABASE_DOWN") {
    const std::lock_guard lock{mutex_};
    broken_calls_ = calls;
    broken_reason_ = std::move(reason);
  }

  std::function<void()> before_deals;  ///< called whenever trades are read
  /// Reports that were given so far, news or not.
  int applied() {
    const std::lock_guard lock{mutex_};
    return applied_;
  }

  Result<Begun> Begin(const Order& intent) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    if (const Entry* kept = FindEntry(NameOf(intent))) {
      return Begun{.order = kept->order, .is_new = kept->order.tag == intent.tag};
    }
    entries_.push_back({.order = intent});
    entries_.back().events.push_back(
        EventOf(intent, intent.state == OrderState::kIntent ? "INTENT" : "ADOPTED"));
    return Begun{.order = intent, .is_new = true};
  }

  Result<Change> Apply(const OrderName& name, const Report& report, std::int64_t now_ms) override {
    const std::lock_guard lock{mutex_};
    ++applied_;
    if (const auto broken = Broken()) return *broken;
    Entry* kept = FindEntry(name);
    if (kept == nullptr) return Unknown();
    auto fresh = NewDeals(kept->order, DealsOf(report), now_ms);
    if (!fresh) return fresh.error();
    auto next = Advance(kept->order, WithDeals(report, DealsIn(*fresh)), now_ms);
    if (!next) return next.error();
    if (!*next) return Change{.order = kept->order, .changed = false};
    deals_.insert(deals_.end(), fresh->begin(), fresh->end());
    kept->order = **std::move(next);
    kept->events.push_back(EventOf(kept->order, std::string{KindOf(report)}));
    if (const auto* noted = std::get_if<Noted>(&report)) {
      kept->events.back().message = noted->detail;
    }
    return Change{.order = kept->order, .changed = true, .deals = *std::move(fresh)};
  }

  Result<Order> Find(const OrderName& name) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    const Entry* kept = FindEntry(name);
    return kept == nullptr ? Result<Order>{Unknown()} : Result<Order>{kept->order};
  }

  Result<Order> FindByBroker(const BrokerName& name) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    const auto is_there = [&](const Order& order) {
      return order.request.account_id == name.account_id && order.simulated == name.simulated;
    };
    for (const Entry& entry : entries_) {
      const auto& ids = entry.order.broker_order_ids;
      if (is_there(entry.order) && !name.broker_order_id.empty() &&
          std::find(ids.begin(), ids.end(), name.broker_order_id) != ids.end()) {
        return entry.order;
      }
    }
    for (const Entry& entry : entries_) {
      if (is_there(entry.order) && !name.tag.empty() && entry.order.tag == name.tag) {
        return entry.order;
      }
    }
    return Unknown();
  }

  Result<Page> List(const Query& query) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    Page page;
    for (auto number = static_cast<std::int64_t>(entries_.size()); number > 0; --number) {
      const Order& order = entries_[static_cast<std::size_t>(number - 1)].order;
      const bool wanted = order.request.account_id == query.account_id &&
                          (query.before == 0 || number < query.before) &&
                          (!query.open_only || MayTrade(order.state));
      if (!wanted) continue;
      if (page.orders.size() == static_cast<std::size_t>(query.limit)) {
        page.next = number + 1;
        return page;
      }
      page.orders.push_back(order);
    }
    return page;
  }

  Result<std::vector<Order>> Unsettled(const Place& place) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    std::vector<Order> orders;
    for (const Entry& entry : entries_) {
      const Order& order = entry.order;
      if (order.request.account_id == place.account_id && order.route == place.route &&
          order.simulated == place.simulated && MayTrade(order.state)) {
        orders.push_back(order);
      }
    }
    return orders;
  }

  Result<std::vector<Order>> WithNumbers(const Numbers& numbers) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    std::vector<Order> orders;
    for (const Entry& entry : entries_) {
      const Order& order = entry.order;
      const auto is_asked_for = [&](const std::string& id) {
        const auto& asked = numbers.broker_order_ids;
        return std::find(asked.begin(), asked.end(), id) != asked.end();
      };
      const auto& ids = order.broker_order_ids;
      if (order.request.account_id == numbers.account_id && order.simulated == numbers.simulated &&
          std::any_of(ids.begin(), ids.end(), is_asked_for)) {
        orders.push_back(order);
      }
    }
    return orders;
  }

  Result<std::vector<std::int64_t>> SentSince(const Sent& query) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    std::vector<std::int64_t> times;
    for (const Entry& entry : entries_) {
      const Order& order = entry.order;
      if (order.request.account_id != query.account_id || order.route != Route::kLive) continue;
      for (const Event& event : entry.events) {
        const bool sent =
            event.kind == "INTENT" || event.kind == "MODIFY_ASKED" || event.kind == "CANCEL_ASKED";
        if (sent && event.at_ms >= query.since_ms) times.push_back(event.at_ms);
      }
    }
    std::sort(times.rbegin(), times.rend());
    times.resize(std::min(times.size(), static_cast<std::size_t>(query.limit)));
    return times;
  }

  Result<std::vector<AskedModify>> ModifiesSince(const Sent& query) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    std::vector<std::pair<std::int64_t, AskedModify>> asked;
    for (const Entry& entry : entries_) {
      const Order& order = entry.order;
      if (order.request.account_id != query.account_id || order.route != Route::kLive) continue;
      if (!IsOpen(order.state)) continue;
      for (auto event = entry.events.begin(); event != entry.events.end(); ++event) {
        if (event->kind != "MODIFY_ASKED" || event->at_ms < query.since_ms) continue;
        const auto answer = std::find_if(event + 1, entry.events.end(), [](const Event& later) {
          return later.kind.starts_with("MODIFY");
        });
        if (answer != entry.events.end() && answer->kind == "MODIFY_REFUSED") continue;
        asked.push_back({event->at_ms, {order.request.client_order_id, event->message}});
      }
    }
    std::stable_sort(asked.begin(), asked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<AskedModify> oldest;
    for (auto& [at_ms, one] : asked) {
      if (oldest.size() < static_cast<std::size_t>(query.limit)) oldest.push_back(std::move(one));
    }
    return oldest;
  }

  Result<std::vector<Order>> Untraded(const Place& place, std::int64_t since_ms) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    std::vector<Order> orders;
    for (const Entry& entry : entries_) {
      const Order& order = entry.order;
      if (order.request.account_id == place.account_id && order.route == place.route &&
          order.simulated == place.simulated && order.updated_ms >= since_ms &&
          order.filled_quantity > order.traded_quantity) {
        orders.push_back(order);
      }
    }
    return orders;
  }

  Result<DealPage> Deals(const DealQuery& query) override {
    if (before_deals) before_deals();
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    const auto place_of = [](const KeptDeal& kept) {
      return std::pair{kept.deal.trade.day(), kept.number};
    };
    std::vector<KeptDeal> found;
    for (const KeptDeal& kept : deals_) {
      const auto [day, number] = place_of(kept);
      const bool wanted =
          kept.order.account_id == query.account_id &&
          (query.route == Route::kUnknown ||
           (kept.route == query.route && kept.simulated == query.simulated)) &&
          (query.client_order_id.empty() || kept.order.client_order_id == query.client_order_id) &&
          query.from <= day && day <= query.to &&
          std::pair{day, number} > std::pair{query.after.day, query.after.number};
      if (wanted) found.push_back(kept);
    }
    std::sort(found.begin(), found.end(),
              [&](const KeptDeal& a, const KeptDeal& b) { return place_of(a) < place_of(b); });
    DealPage page{.deals = std::move(found)};
    const auto limit = static_cast<std::size_t>(query.limit);
    if (page.deals.size() <= limit) return page;
    page.deals.resize(limit);
    page.next = {.day = page.deals.back().deal.trade.day(), .number = page.deals.back().number};
    return page;
  }

  Result<Counts> Count(const std::string& account_id) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    Counts counts;
    for (const Entry& entry : entries_) {
      if (entry.order.request.account_id != account_id) continue;
      counts.unknown += entry.order.state == OrderState::kUnknown ? 1 : 0;
      counts.open += IsOpen(entry.order.state) ? 1 : 0;
    }
    return counts;
  }

  Result<std::vector<Event>> History(const OrderName& name) override {
    const std::lock_guard lock{mutex_};
    if (const auto broken = Broken()) return *broken;
    const Entry* kept = FindEntry(name);
    if (kept == nullptr) return Unknown();
    return kept->events;
  }

 private:
  struct Entry {
    Order order;
    std::vector<Event> events;
  };

  static bool MayTrade(OrderState state) {
    return IsOpen(state) || state == OrderState::kIntent || state == OrderState::kUnknown;
  }
  static Error Unknown() { return {Code::kNotFound, "ORDER_UNKNOWN", "no such order"}; }
  static Event EventOf(const Order& order, std::string kind) {
    return {.version = order.version,
            .kind = std::move(kind),
            .state = order.state,
            .filled_quantity = order.filled_quantity,
            .broker_status = order.broker_status,
            .reason = order.reason,
            .message = order.message,
            .at_ms = order.updated_ms};
  }

  Result<std::vector<KeptDeal>> NewDeals(const Order& order, const std::vector<Deal>& deals,
                                         std::int64_t now_ms) const {
    std::vector<KeptDeal> fresh;
    const auto same_name = [](const KeptDeal& a, const KeptDeal& b) {
      const portfolio::Trade& one = a.deal.trade;
      const portfolio::Trade& other = b.deal.trade;
      return a.order.account_id == b.order.account_id && a.simulated == b.simulated &&
             one.day() == other.day() && one.contract.segment == other.contract.segment &&
             one.id == other.id && one.side == other.side;
    };
    for (const Deal& deal : deals) {
      KeptDeal told = AsKept(order, deal, now_ms);
      const auto is_it = [&](const KeptDeal& kept) { return same_name(kept, told); };
      const auto kept = std::find_if(deals_.begin(), deals_.end(), is_it);
      if (kept != deals_.end() && !IsSameDeal(*kept, told)) return TradeConflict(told);
      const auto twice = std::find_if(fresh.begin(), fresh.end(), is_it);
      if (twice != fresh.end() && !IsSameDeal(*twice, told)) return TradeConflict(told);
      if (kept != deals_.end() || twice != fresh.end()) continue;
      told.number = static_cast<std::int64_t>(deals_.size() + fresh.size() + 1);
      fresh.push_back(std::move(told));
    }
    return fresh;
  }

  Entry* FindEntry(const OrderName& name) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.order.request.account_id == name.account_id &&
             entry.order.request.client_order_id == name.client_order_id;
    });
    return found == entries_.end() ? nullptr : &*found;
  }

  std::optional<Error> Broken() {
    if (broken_calls_ == 0) return std::nullopt;
    if (broken_calls_ > 0) --broken_calls_;
    return Error{Code::kUnavailable, broken_reason_, "the test took the database away"};
  }

  std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<KeptDeal> deals_;
  int applied_ = 0;
  int broken_calls_ = 0;
  std::string broken_reason_;
};

}  // namespace sauda::orders
