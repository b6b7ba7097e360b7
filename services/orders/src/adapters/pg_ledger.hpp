#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/orders/src/core/ledger.hpp"

namespace sauda::storage {
class PgPool;
}  // namespace sauda::storage

namespace sauda::orders {

/// The ledger in the tables of services/orders/migrations. Thread-safe. Besides the reasons of
/// Ledger, calls fail with the pool's own (libs/storage/pg_pool.hpp); DATABASE_BUSY, CONFLICT and
/// STATEMENT_TIMEOUT become kUnavailable / DATABASE_DOWN: nothing was changed.
class PgLedger final : public Ledger {
 public:
  explicit PgLedger(storage::PgPool& pool) : pool_{pool} {}

  Result<Begun> Begin(const Order& intent) override;
  Result<Change> Apply(const OrderName& name, const Report& report, std::int64_t now_ms) override;
  Result<Order> Find(const OrderName& name) override;
  Result<Order> FindByBroker(const BrokerName& name) override;
  Result<Page> List(const Query& query) override;
  Result<std::vector<Order>> Unsettled(const Place& place) override;
  Result<std::vector<Order>> WithNumbers(const Numbers& numbers) override;
  Result<std::vector<std::int64_t>> SentSince(const Sent& query) override;
  Result<std::vector<AskedModify>> ModifiesSince(const Sent& query) override;
  Result<std::vector<Order>> Untraded(const Place& place, std::int64_t since_ms) override;
  Result<DealPage> Deals(const DealQuery& query) override;
  Result<Counts> Count(const std::string& account_id) override;
  Result<std::vector<Event>> History(const OrderName& name) override;

 private:
  storage::PgPool& pool_;
};

}  // namespace sauda::orders
