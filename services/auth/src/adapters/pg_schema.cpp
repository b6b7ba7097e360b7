#include "services/auth/src/adapters/pg_schema.hpp"

namespace sauda::auth {

Result<void> PgSchema::Prepare() {
  const auto done = storage::Migrate(options_, "auth", migrations_);
  if (!done) return done.error();
  prepared_ = true;
  return {};
}

Result<void> PgSchema::Check() const {
  if (prepared_) return {};
  return Error{Code::kUnavailable, "DATABASE_DOWN",
               "PostgreSQL has not been reached since the start: keys and audit are not there yet"};
}

}  // namespace sauda::auth
