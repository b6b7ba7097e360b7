#include "services/feed/src/adapters/pg_schema.hpp"

namespace sauda::feed {

Result<void> PgSchema::Ensure() {
  const std::lock_guard lock{mutex_};
  if (ready_) return {};
  const auto done = storage::Migrate(options_, "feed", migrations_);
  if (!done) {
    if (done.error().code == Code::kUnavailable) return done.error();
    return Error{Code::kUnavailable, "SCHEMA_UNUSABLE",
                 done.error().reason + ": " + done.error().message};
  }
  ready_ = true;
  return {};
}

}  // namespace sauda::feed
