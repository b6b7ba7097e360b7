#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <type_traits>
#include <vector>

#include "libs/storage/pg_copy.hpp"

namespace sauda::storage {

/// A fixed number of connections for reading many rows, beside the pool: results come in binary.
/// Thread-safe; each connection serves one caller at a time and is opened when first needed.
class PgReaders {
 public:
  /// `options.size` connections.
  explicit PgReaders(const PgOptions& options);
  PgReaders(const PgReaders&) = delete;
  PgReaders& operator=(const PgReaders&) = delete;

  /// CopyConnection::Transact on a free connection. Fails as that does, or with kUnavailable /
  /// DATABASE_BUSY when none is free within borrow_deadline.
  template <typename Body>
  auto Transact(Body&& body) -> std::invoke_result_t<Body&, CopyTransaction&> {
    auto connection = Borrow();
    if (!connection) return connection.error();
    auto result = (*connection)->Transact(std::forward<Body>(body));
    GiveBack(std::move(*connection));
    return result;
  }

 private:
  Result<std::unique_ptr<CopyConnection>> Borrow();
  void GiveBack(std::unique_ptr<CopyConnection> connection);

  const std::chrono::milliseconds borrow_deadline_;
  std::mutex mutex_;  // guards free_
  std::condition_variable changed_;
  std::vector<std::unique_ptr<CopyConnection>> free_;
};

}  // namespace sauda::storage
