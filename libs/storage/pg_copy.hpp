#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/storage/binary_row.hpp"
#include "libs/storage/pg_options.hpp"

namespace sauda::storage {

/// Rows on their way into a table in PostgreSQL's binary COPY format. Each row is Row(columns) and
/// then that many columns, in the order and of the exact types of the COPY statement's columns
/// (a wrong type is found by the server: DATABASE_ERROR). Bytes leave in pieces of about 64 KiB,
/// so memory does not grow with the number of rows. Not thread-safe; lives inside one CopyIn.
class BinaryRows {
 public:
  /// Takes the bytes gathered so far; false when the connection failed, after which appends are
  /// swallowed and CopyIn returns the failure.
  using Sink = std::function<bool(std::string_view)>;

  static constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;

  explicit BinaryRows(Sink sink);

  void Row(std::int16_t columns);
  void Null();
  void Bool(bool value);
  void Int2(std::int16_t value);
  void Int4(std::int32_t value);
  void Int8(std::int64_t value);
  void Float8(double value);
  /// text, varchar, json (not jsonb), name: UTF-8 without NUL.
  void Text(std::string_view value);
  void Bytea(std::string_view value);
  /// date, as days since 1970-01-01.
  void Date(std::int32_t days_since_epoch);
  /// timestamptz, as microseconds since the Unix epoch, UTC.
  void TimestampTz(std::int64_t us_since_epoch);
  /// jsonb, as JSON text.
  void Jsonb(std::string_view json);
  void Int8Array(std::span<const std::int64_t> values);
  void Float8Array(std::span<const double> values);
  void TextArray(std::span<const std::string> values);

  /// For an absent value: `rows.Maybe(row.strike, &BinaryRows::Int8)`.
  template <typename T, typename Append>
  void Maybe(const std::optional<T>& value, Append append) {
    value ? (this->*append)(*value) : Null();
  }

  std::uint64_t rows() const { return rows_; }
  /// False once the sink has failed: a long loop may stop early.
  bool good() const { return good_; }
  /// Sends the trailer and what is left. CopyIn calls it.
  void Finish();

 private:
  void Header(std::int32_t bytes);
  void ArrayHead(std::int32_t oid, std::size_t count, std::size_t element_bytes);
  template <typename T>
  void Big(T value);
  void FlushIfFull();

  Sink sink_;
  std::string buffer_;
  std::uint64_t rows_ = 0;
  bool good_ = true;
};

/// One result: rows of text columns, absent for NULL.
using TextRows = std::vector<std::vector<std::optional<std::string>>>;

/// What can be done inside CopyConnection::Transact. After any of these has failed the transaction
/// is lost: return the error. Errors as in PgPool::Transact.
class CopyTransaction {
 public:
  virtual ~CopyTransaction() = default;

  /// One or more statements without parameters; gives the rows affected by the last.
  virtual Result<std::uint64_t> Exec(const std::string& sql) = 0;

  /// One statement with text parameters ($1 ...); gives its rows as text, or none.
  virtual Result<TextRows> Query(const std::string& sql,
                                 std::span<const std::optional<std::string>> parameters) = 0;
  Result<TextRows> Query(const std::string& sql) { return Query(sql, {}); }

  /// The same with its rows in binary, handed to `take` one after the other once all are there:
  /// the statement bounds their number. A row that `take` fails on, or does not read as it is
  /// (BinaryRow::good), ends it: the latter with kInternal / DATABASE_ERROR.
  virtual Result<void> QueryBinary(const std::string& sql,
                                   std::span<const std::optional<std::string>> parameters,
                                   const std::function<Result<void>(BinaryRow&)>& take) = 0;

  /// `sql` is `COPY table (columns) FROM STDIN (FORMAT binary)`. `fill` appends the rows and may
  /// fail, which fails the copy with its error. Gives the number of rows copied.
  virtual Result<std::uint64_t> CopyIn(const std::string& sql,
                                       const std::function<Result<void>(BinaryRows&)>& fill) = 0;
};

/// One connection for bulk loading by COPY, beside the pool. Opened when first needed, reopened
/// by the call after one that lost it. Owned by one thread; not thread-safe. Every wait for the
/// server ends within PgOptions::answer_deadline.
class CopyConnection {
 public:
  explicit CopyConnection(PgOptions options);
  CopyConnection(const CopyConnection&) = delete;
  CopyConnection& operator=(const CopyConnection&) = delete;
  ~CopyConnection();

  /// Runs `body(CopyTransaction&)`, which returns a Result, in one transaction: commits when it
  /// succeeds, rolls back when it fails. Fails as PgPool::Transact does, but never with
  /// DATABASE_BUSY of its own.
  template <typename Body>
  auto Transact(Body&& body) -> std::invoke_result_t<Body&, CopyTransaction&> {
    std::invoke_result_t<Body&, CopyTransaction&> result =
        Error{Code::kInternal, "DATABASE_ERROR", "the transaction did not run"};
    const auto ran = Run([&](CopyTransaction& transaction) {
      result = body(transaction);
      return result.has_value();
    });
    if (!ran) return ran.error();
    return result;
  }

 private:
  class Session;

  Result<void> Run(const std::function<bool(CopyTransaction&)>& body);

  const PgOptions options_;
  std::unique_ptr<Session> session_;  // null: not connected
};

}  // namespace sauda::storage
