#include "libs/storage/pg_readers.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sauda::storage {

PgReaders::PgReaders(const PgOptions& options) : borrow_deadline_{options.borrow_deadline} {
  const std::size_t size = std::max<std::size_t>(options.size, 1);
  for (std::size_t i = 0; i < size; ++i) free_.push_back(std::make_unique<CopyConnection>(options));
}

Result<std::unique_ptr<CopyConnection>> PgReaders::Borrow() {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, borrow_deadline_, [this] { return !free_.empty(); })) {
    return Error{Code::kUnavailable, "DATABASE_BUSY",
                 "no connection to PostgreSQL was free within " +
                     std::to_string(borrow_deadline_.count()) + " ms"};
  }
  auto connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

void PgReaders::GiveBack(std::unique_ptr<CopyConnection> connection) {
  {
    const std::lock_guard lock{mutex_};
    free_.push_back(std::move(connection));
  }
  changed_.notify_one();
}

}  // namespace sauda::storage
