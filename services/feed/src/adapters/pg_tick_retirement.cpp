#include "services/feed/src/adapters/pg_tick_retirement.hpp"

#include <utility>
#include <vector>

#include "libs/storage/pg_copy.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"
#include "services/feed/src/adapters/pg_tick_days.hpp"

namespace sauda::feed {
namespace {

constexpr const char* kTryTurn =
    "SELECT pg_try_advisory_xact_lock(hashtextextended('sauda.feed.retire', 0))";

// Partitions that this service did not make have other names.
constexpr const char* kOldest =
    "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'feed.ticks'::regclass AND c.relname ~ '^ticks_[0-9]{8}$'"
    " AND c.relname::text COLLATE \"C\" < $1 ORDER BY c.relname::text COLLATE \"C\" LIMIT 1";

}  // namespace

PgTickRetirement::PgTickRetirement(storage::PgOptions options, PgSchema& schema)
    : schema_{schema}, connection_{std::make_unique<storage::CopyConnection>(std::move(options))} {}

PgTickRetirement::~PgTickRetirement() = default;

Result<std::optional<std::string>> PgTickRetirement::RetireOldest(std::int64_t before_ns) {
  using Named = std::optional<std::string>;
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  const std::string first_kept = NameOfTickDay(TickDayOf(before_ns));
  return connection_->Transact([&](storage::CopyTransaction& transaction) -> Result<Named> {
    const auto turn = transaction.Query(kTryTurn);
    if (!turn) return turn.error();
    if (turn->at(0).at(0) != "t") return Named{};
    const std::vector<std::optional<std::string>> parameters{first_kept};
    const auto oldest = transaction.Query(kOldest, parameters);
    if (!oldest) return oldest.error();
    if (oldest->empty()) return Named{};
    const Named name = oldest->front().front();
    // The file goes after the locks are released, so its size holds up no one.
    const auto done =
        transaction.Exec("SET LOCAL lock_timeout = '" + std::to_string(kLockTimeout.count()) +
                         "ms'; ALTER TABLE feed.ticks DETACH PARTITION feed." + *name +
                         "; DROP TABLE feed." + *name);
    if (!done) return done.error();
    return name;
  });
}

}  // namespace sauda::feed
