#pragma once

#include <atomic>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <unistd.h>

#include "libs/storage/migrations.hpp"
#include "libs/storage/pg_copy.hpp"
#include "libs/storage/pg_options.hpp"

namespace sauda {

/// What a contract test says when it is skipped for want of a server.
inline constexpr auto kNoStores =
    "no SAUDA_TEST_POSTGRES, SAUDA_TEST_REDIS: use scripts/with-stores";

/// A database of its own for one test, on the server of SAUDA_TEST_POSTGRES; dropped when it dies,
/// with whoever is still connected to it. Needs the library `storage`.
///
///   auto database = TestDatabase::Make();
///   if (!database) GTEST_SKIP() << kNoStores;
///   database->Apply("feed", feed::kMigrations);
///   storage::PgPool pool{database->options()};
class TestDatabase {
 public:
  /// Null when there is no server to make it on.
  static std::unique_ptr<TestDatabase> Make() {
    const char* const server = std::getenv("SAUDA_TEST_POSTGRES");
    if (server == nullptr) return nullptr;
    static std::atomic<int> count{0};
    std::unique_ptr<TestDatabase> database{new TestDatabase{
        server, "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count)}};
    database->OnServer("CREATE DATABASE " + database->name_);
    return database;
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase() { OnServer("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }

  const std::string& name() const { return name_; }

  /// Its address, as a superuser.
  std::string url() const { return server_.substr(0, server_.rfind('/') + 1) + name_; }

  storage::PgOptions options() const { return {.url = url(), .application_name = "test"}; }

  /// Brings a schema to the end of `migrations`; the test fails when that does.
  void Apply(const std::string& schema, std::span<const storage::Migration> migrations) const {
    const auto done = storage::Migrate(options(), schema, migrations);
    EXPECT_TRUE(done) << done.error().reason << ": " << done.error().message;
  }

  /// Ends every connection to it from the server's side, and waits until they are gone.
  void CutConnections() const {
    OnServer("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" +
             name_ + "'");
  }

  /// Rows of one statement, as text.
  storage::TextRows Query(const std::string& sql) const {
    storage::CopyConnection connection{options()};
    auto rows = connection.Transact(
        [&](storage::CopyTransaction& transaction) { return transaction.Query(sql); });
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? std::move(*rows) : storage::TextRows{};
  }

 private:
  TestDatabase(std::string server, std::string name)
      : server_{std::move(server)}, name_{std::move(name)} {}

  /// CREATE and DROP DATABASE refuse to run in a transaction, so COMMIT ends ours first.
  void OnServer(const std::string& sql) const {
    storage::CopyConnection connection{{.url = server_, .application_name = "test"}};
    const auto done = connection.Transact([&](storage::CopyTransaction& transaction) {
      (void)transaction.Exec("COMMIT");
      return transaction.Exec(sql);
    });
    EXPECT_TRUE(done) << done.error().message;
  }

  const std::string server_;
  const std::string name_;
};

}  // namespace sauda
