#include "services/feed/src/adapters/pg_subscription_store.hpp"

#include "libs/storage/pg_pool.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"

namespace sauda::feed {
namespace {

constexpr const char* kLoad =
    "SELECT instrument_key, mode, instrument_id, trading_symbol, kind, underlying_key"
    " FROM feed.subscriptions WHERE account_id = $1 ORDER BY position";

constexpr const char* kLoadControl = "SELECT connected FROM feed.control WHERE account_id = $1";

constexpr const char* kLoadCovered =
    "SELECT max(covered_ns) FROM feed.progress"
    " WHERE account_id = $1 AND instance <> $2 AND last_seq > 0";

constexpr const char* kPut =
    "INSERT INTO feed.subscriptions"
    " (account_id, instrument_key, mode, instrument_id, trading_symbol, kind, underlying_key)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, instrument_key) DO UPDATE"
    " SET mode = excluded.mode, instrument_id = excluded.instrument_id,"
    " trading_symbol = excluded.trading_symbol, kind = excluded.kind,"
    " underlying_key = excluded.underlying_key";

constexpr const char* kRemove =
    "DELETE FROM feed.subscriptions WHERE account_id = $1 AND instrument_key = $2";

constexpr const char* kPutControl =
    "INSERT INTO feed.control (account_id, connected) VALUES ($1, $2)"
    " ON CONFLICT (account_id) DO UPDATE SET connected = excluded.connected";

Result<KeptSubscription> FromRow(const pqxx::row& row) {
  const int mode = row[1].as<int>();
  const int kind = row[4].as<int>();
  if (mode < 1 || mode > 4 || kind < 0 || kind > 4) {
    return Error{Code::kInternal, "DATABASE_ERROR",
                 "feed.subscriptions holds an unknown mode or kind"};
  }
  return KeptSubscription{.listing = {.key = row[0].as<std::string>(),
                                      .instrument_id = row[2].as<std::int64_t>(),
                                      .symbol = row[3].as<std::string>(),
                                      .kind = static_cast<Kind>(kind),
                                      .underlying = row[5].as<std::string>()},
                          .mode = static_cast<Mode>(mode)};
}

}  // namespace

Result<KeptState> PgSubscriptionStore::Load() {
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<KeptState> {
    KeptState state;
    const auto control = work.exec_params(kLoadControl, reader_.account_id);
    if (!control.empty()) state.connected = control[0][0].as<bool>();
    const auto covered = work.exec_params1(kLoadCovered, reader_.account_id, reader_.instance);
    if (!covered[0].is_null()) state.covered_ns = covered[0].as<std::int64_t>();
    for (const auto& row : work.exec_params(kLoad, reader_.account_id)) {
      auto kept = FromRow(row);
      if (!kept) return kept.error();
      state.subscriptions.push_back(std::move(*kept));
    }
    return state;
  });
}

Result<void> PgSubscriptionStore::Save(const KeptChanges& changes) {
  if (auto ready = schema_.Ensure(); !ready) return ready;
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    for (const KeptSubscription& each : changes.put) {
      work.exec_params(kPut, reader_.account_id, each.listing.key, static_cast<int>(each.mode),
                       each.listing.instrument_id, each.listing.symbol,
                       static_cast<int>(each.listing.kind), each.listing.underlying);
    }
    for (const std::string& key : changes.remove)
      work.exec_params(kRemove, reader_.account_id, key);
    if (changes.connected) work.exec_params(kPutControl, reader_.account_id, *changes.connected);
    return {};
  });
}

}  // namespace sauda::feed
