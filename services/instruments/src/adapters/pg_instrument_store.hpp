#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libs/storage/migrations.hpp"
#include "libs/storage/pg_options.hpp"
#include "services/instruments/src/core/instrument_store.hpp"
#include "services/instruments/src/core/lists/list_store.hpp"

namespace sauda::storage {
class PgPool;
}  // namespace sauda::storage

namespace sauda::instruments {

/// Instruments and the broker's lists in the schema `instruments`
/// (services/instruments/migrations). Reads go through the pool; each sync opens a connection of
/// its own and ends with it. Thread-safe.
class PgInstrumentStore final : public InstrumentStore, public ListStore {
 public:
  struct Settings {
    storage::PgOptions database;  // for migrations and the syncs' own connections
    std::span<const storage::Migration> migrations;  // outlive the store
    std::size_t batch_rows = 500;                    // copied at a time, 1 to 10 000 (mission B2)
  };

  /// The pool, of the same database, must outlive the store.
  PgInstrumentStore(storage::PgPool& pool, Settings settings);

  /// Brings the schema forward. Until it has succeeded once, everything else fails with
  /// kUnavailable / DATABASE_DOWN. Fails as storage::Migrate.
  Result<void> Prepare();
  bool prepared() const { return prepared_; }

  Result<std::int64_t> StartRun(std::int64_t started_ms, const std::string& source) override;
  Result<std::unique_ptr<SyncTransaction>> Begin(std::int64_t sync_id) override;
  Result<void> AmendReport(const SyncReport& report) override;
  Result<void> FailRun(std::int64_t sync_id, const Error& error) override;
  Result<std::vector<StoredInstrument>> FindByKeys(const std::vector<std::string>& keys) override;
  Result<void> ForEachListed(
      const std::function<Result<void>(const StoredInstrument&)>& tell) override;
  Result<std::int64_t> Revision() override;
  Result<std::optional<std::vector<StoredInstrument>>> FindAsOf(const std::string& name,
                                                                std::int64_t market_ms) override;
  Result<std::vector<StoredInstrument>> Expired(const ExpiredQuery& query) override;
  Result<std::vector<InstrumentChange>> Changes(const ChangeQuery& query) override;
  Result<std::vector<SyncRun>> Runs(std::int64_t before, std::int64_t limit) override;
  Result<std::string> KeptTag() override;
  Result<MasterStatus> Status() override;

  Result<std::vector<KeptList>> KeptLists() override;
  Result<void> ReplaceList(const KeptList& head, const std::vector<ListRow>& rows) override;
  Result<void> ForEachOfList(ListKind list,
                             const std::function<void(const ListRow&)>& tell) override;
  Result<std::vector<PlacedRow>> Suspended(const SuspendedQuery& query) override;

 private:
  /// Fails with kUnavailable / DATABASE_DOWN until Prepare has succeeded.
  Result<void> CheckPrepared() const;

  storage::PgPool& pool_;
  const Settings settings_;
  std::atomic<bool> prepared_ = false;
};

}  // namespace sauda::instruments
