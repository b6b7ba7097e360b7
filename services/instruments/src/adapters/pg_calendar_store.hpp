#pragma once

#include <functional>
#include <vector>

#include "services/instruments/src/core/calendar/calendar_source.hpp"

namespace sauda::storage {
class PgPool;
}  // namespace sauda::storage

namespace sauda::instruments {

/// instruments.calendar_days.
class PgCalendarStore final : public CalendarStore {
 public:
  /// Until `prepared` says that the schema is there everything fails with DATABASE_DOWN. The pool
  /// outlives the store.
  PgCalendarStore(storage::PgPool& pool, std::function<bool()> prepared)
      : pool_{pool}, prepared_{std::move(prepared)} {}

  /// A row that cannot be read is left out: the broker tells it again.
  Result<std::vector<calendar::SpecialDay>> Load() override;
  Result<void> Save(const std::vector<calendar::SpecialDay>& days) override;

 private:
  storage::PgPool& pool_;
  const std::function<bool()> prepared_;
};

}  // namespace sauda::instruments
