#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::storage {

/// How to reach PostgreSQL, and how long to wait for it.
struct PgOptions {
  /// `postgresql://user:password@host:port/database?...` or libpq's `key=value` text. Its password
  /// is never in an error or a log line.
  std::string url;
  /// Most connections open at once; at least 1. A CopyConnection and a migration use one.
  std::size_t size = 4;
  /// Rounded up to whole seconds, at least 2 (libpq's limit).
  std::chrono::milliseconds connect_timeout{3'000};
  /// The server ends a statement after it: STATEMENT_TIMEOUT. 0 switches it off.
  std::chrono::milliseconds statement_timeout{5'000};
  /// How long Transact waits for a free connection: DATABASE_BUSY.
  std::chrono::milliseconds borrow_deadline{2'000};
  /// A server that has stopped answering (paused, unreachable) is cut off after it: DATABASE_DOWN.
  /// For a pool it bounds the whole transaction, for a CopyConnection each wait.
  std::chrono::milliseconds answer_deadline{30'000};
  /// Shown in pg_stat_activity.
  std::string application_name = "sauda";
};

/// The url as libpq's `key=value` text with the timeouts of `options`, TCP keepalives (idle 10 s,
/// every 5 s, 3 times) and tcp_user_timeout added where it does not set them itself. Holds the
/// password. Fails with kInvalidArgument / DATABASE_URL_MALFORMED.
Result<std::string> ConnectionText(const PgOptions& options);

/// What a failure with this SQLSTATE means to a caller; `message` must already be free of secrets.
///
///   57014            kDeadlineExceeded  STATEMENT_TIMEOUT
///   40xxx, 55P03     kAborted           CONFLICT
///   08xxx, 57P01-03  kUnavailable       DATABASE_DOWN (08P01: DATABASE_ERROR)
///   25006            kUnavailable       DATABASE_DOWN (a standby)
///   53xxx            kUnavailable       DATABASE_BUSY
///   anything else    kInternal          DATABASE_ERROR
Error FromSqlState(std::string_view sql_state, std::string message);

}  // namespace sauda::storage
