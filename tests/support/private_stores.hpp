#pragma once

#include <memory>
#include <string>

#include "tests/support/process.hpp"

namespace sauda::test {

/// A PostgreSQL 15 of the test's own on a free port of 127.0.0.1, which it may kill and start again
/// with its data. Starts at construction.
class PrivatePostgres {
 public:
  explicit PrivatePostgres(const std::string& folder);

  void Start();
  void Kill();
  /// A stop as an operator does it: sessions end, what is committed is on the disk.
  void Stop();
  bool Answers() const;

  /// URL of the superuser for `database`.
  std::string Url(const std::string& database = "postgres") const;
  /// Runs SQL with psql; its output, or a failed test.
  std::string Sql(const std::string& database, const std::string& statement) const;
  int port() const { return port_; }

 private:
  const std::string folder_;
  const int port_;
  std::unique_ptr<Process> server_;
};

/// A Redis of the test's own with a password and an append-only file.
class PrivateRedis {
 public:
  explicit PrivateRedis(const std::string& folder);

  void Start();
  void Kill();
  bool Answers() const;
  std::string Url() const;
  int port() const { return port_; }
  const std::string& password() const { return password_; }

  /// Everything that the server holds, for searching: the append-only file's bytes.
  std::string Dump() const;

 private:
  const std::string folder_;
  const int port_;
  const std::string password_ = "test-redis-password";
  std::unique_ptr<Process> server_;
};

}  // namespace sauda::test
