#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <pqxx/pqxx>

#include "libs/base/result.hpp"
#include "libs/storage/pg_options.hpp"

namespace sauda::storage {

/// A statement that the server parses once per connection. The name is the statement's alone.
struct PgStatement {
  const char* name;
  const char* sql;
};

/// A fixed number of PostgreSQL connections, opened when first needed. Thread-safe.
///
/// A connection found broken is dropped and opened anew by the next borrower; libpqxx's own silent
/// reconnection, which loses locks and settings, is off. Nothing is retried here: an Error goes to
/// the caller. The exceptions of libpqxx stop here.
///
/// Include this from .cpp files (it brings <pqxx/pqxx>); headers declare `class PgPool;`.
class PgPool {
 public:
  /// What has happened so far, for metrics.
  struct Statistics {
    std::uint64_t borrowed = 0;  ///< transactions begun, ever
    std::uint64_t waits = 0;     ///< of them, those that found no free connection at first
    std::uint64_t opened = 0;    ///< connections opened, ever
    std::uint64_t failures = 0;  ///< transactions that ended with one of the pool's own errors
    std::size_t in_use = 0;      ///< connections borrowed now
  };

  explicit PgPool(PgOptions options);
  PgPool(const PgPool&) = delete;
  PgPool& operator=(const PgPool&) = delete;
  ~PgPool();

  /// Runs `body(pqxx::work&)`, which returns a Result, in one transaction. Commits when it
  /// succeeds, rolls back when it fails, and gives back what it returned. Fails with
  ///
  ///   kUnavailable       DATABASE_DOWN     not reachable, lost, or silent for answer_deadline
  ///   kUnavailable       DATABASE_BUSY     no connection free within borrow_deadline
  ///   kUnavailable       COMMIT_IN_DOUBT   lost during the commit: done or not, nobody knows
  ///   kAborted           CONFLICT          serialization failure or deadlock: may be repeated
  ///   kDeadlineExceeded  STATEMENT_TIMEOUT
  ///   kInternal          DATABASE_ERROR    the statement is wrong, or a constraint refused it
  ///   kInvalidArgument   DATABASE_URL_MALFORMED
  template <typename Body>
  auto Transact(Body&& body) -> std::invoke_result_t<Body&, pqxx::work&> {
    std::invoke_result_t<Body&, pqxx::work&> result =
        Error{Code::kInternal, "DATABASE_ERROR", "the transaction did not run"};
    const auto ran = Run(
        [&](pqxx::connection& session) {
          pqxx::work work{session};
          result = body(work);
          if (result.has_value()) work.commit();
        },
        WhenLost::kNotDone);
    if (!ran) return ran.error();
    return result;
  }

  /// Runs one statement that is a transaction by itself: one round trip instead of three. Fails as
  /// Transact does, but with COMMIT_IN_DOUBT for every connection lost on the way: the statement
  /// may have arrived.
  template <typename... Arguments>
  Result<pqxx::result> Execute(const PgStatement& statement, const Arguments&... arguments) {
    pqxx::result rows;
    const auto ran = Run(
        [&](pqxx::connection& session) {
          session.prepare(statement.name, statement.sql);  // only the first time on a connection
          pqxx::nontransaction alone{session};
          rows = alone.exec_prepared(statement.name, arguments...);
        },
        WhenLost::kInDoubt);
    if (!ran) return ran.error();
    return rows;
  }

  /// Asks the server for nothing but an answer. Fails as Transact does.
  Result<void> Ping();

  Statistics statistics() const;

 private:
  struct Connection;

  /// What a connection lost before the commit says of what was asked.
  enum class WhenLost : std::uint8_t { kNotDone, kInDoubt };

  /// Runs `body` on a borrowed connection; its exceptions become the errors above.
  Result<void> Run(const std::function<void(pqxx::connection&)>& body, WhenLost when_lost);
  Result<std::unique_ptr<Connection>> Borrow();
  Result<std::unique_ptr<Connection>> Open();
  void GiveBack(std::unique_ptr<Connection> connection);
  Error Described(Code code, const char* reason, const std::string& what) const;
  void Watch(const std::stop_token& stop);
  /// The borrowed connection whose deadline is next, or null. Needs mutex_.
  Connection* NextToCut() const;

  const PgOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // mutex_ guards the rest
  std::vector<std::unique_ptr<Connection>> idle_;  // null: a slot whose connection is not open
  std::multimap<std::chrono::steady_clock::time_point, Connection*> in_use_;  // by deadline
  Statistics statistics_;
  std::jthread watch_;  // cuts off connections past answer_deadline; last, so it ends first
};

}  // namespace sauda::storage
