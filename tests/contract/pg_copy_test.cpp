#include "libs/storage/pg_copy.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <gtest/gtest.h>

#include "tests/support/test_database.hpp"

namespace sauda::storage {
namespace {

using namespace std::chrono_literals;

constexpr auto kCopyNumbers = "COPY numbers (v) FROM STDIN (FORMAT binary)";

class PgCopyTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    if (!database_) GTEST_SKIP() << kNoStores;
    (void)database_->Query("CREATE TABLE numbers (v bigint PRIMARY KEY)");
  }

  static Result<std::uint64_t> CopyRange(CopyTransaction& transaction, std::int64_t from,
                                         std::int64_t to) {
    return transaction.CopyIn(kCopyNumbers, [&](BinaryRows& rows) -> Result<void> {
      for (auto value = from; value < to; ++value) {
        rows.Row(1);
        rows.Int8(value);
      }
      return {};
    });
  }

  std::string Count() const { return *database_->Query("SELECT count(*) FROM numbers")[0][0]; }

  std::unique_ptr<TestDatabase> database_;
};

TEST_F(PgCopyTest, CarriesEveryTypeWithItsLimitsAndNulls) {
  (void)database_->Query(
      "CREATE TABLE kinds (b bool, i2 int2, i4 int4, i8 int8, f8 float8, t text, y bytea, d date, "
      "at timestamptz, j jsonb, i8s int8[], f8s float8[], ts text[])");
  CopyConnection connection{database_->options()};
  const std::array<std::int64_t, 2> integers{-1, std::numeric_limits<std::int64_t>::max()};
  const std::array<double, 2> doubles{0.1, -1e300};
  const std::array<std::string, 3> texts{"a", "", "सौदा"};
  const auto copied = connection.Transact([&](CopyTransaction& transaction) {
    return transaction.CopyIn("COPY kinds FROM STDIN (FORMAT binary)",
                              [&](BinaryRows& rows) -> Result<void> {
                                rows.Row(13);
                                rows.Bool(true);
                                rows.Int2(std::numeric_limits<std::int16_t>::min());
                                rows.Int4(std::numeric_limits<std::int32_t>::min());
                                rows.Int8(std::numeric_limits<std::int64_t>::min());
                                rows.Float8(1512.45);
                                rows.Text("सौदा, \"quoted\"\n");
                                rows.Bytea(std::string_view{"\0\xff", 2});
                                rows.Date(20'437);
                                rows.TimestampTz(1'765'771'200'123'456);
                                rows.Jsonb(R"({"a": 1})");
                                rows.Int8Array(integers);
                                rows.Float8Array(doubles);
                                rows.TextArray(texts);
                                rows.Row(13);
                                for (int i = 0; i < 10; ++i) rows.Null();
                                rows.Int8Array({});
                                rows.Float8Array({});
                                rows.TextArray({});
                                return {};
                              });
  });
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, 2U);
  const auto rows = database_->Query(
      "SELECT b, i2, i4, i8, f8, t, y, d, at AT TIME ZONE 'UTC', j, i8s, f8s, ts FROM kinds");
  EXPECT_EQ(rows[0],
            (TextRows::value_type{"t", "-32768", "-2147483648", "-9223372036854775808", "1512.45",
                                  "सौदा, \"quoted\"\n", "\\x00ff", "2025-12-15",
                                  "2025-12-15 04:00:00.123456", R"({"a": 1})",
                                  "{-1,9223372036854775807}", "{0.1,-1e+300}", "{a,\"\",सौदा}"}));
  EXPECT_EQ(rows[1],
            (TextRows::value_type{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, "{}", "{}", "{}"}));
}

TEST_F(PgCopyTest, AppendsAnAbsentValueAsNull) {
  (void)database_->Query("CREATE TABLE maybe (v bigint)");
  CopyConnection connection{database_->options()};
  const auto copied = connection.Transact([&](CopyTransaction& transaction) {
    return transaction.CopyIn("COPY maybe FROM STDIN (FORMAT binary)",
                              [](BinaryRows& rows) -> Result<void> {
                                rows.Row(1);
                                rows.Maybe(std::optional<std::int64_t>{7}, &BinaryRows::Int8);
                                rows.Row(1);
                                rows.Maybe(std::optional<std::int64_t>{}, &BinaryRows::Int8);
                                return {};
                              });
  });
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(database_->Query("SELECT v FROM maybe"), (TextRows{{"7"}, {std::nullopt}}));
}

TEST_F(PgCopyTest, SendsManyRowsInBoundedPieces) {
  CopyConnection connection{database_->options()};
  const auto copied = connection.Transact(
      [&](CopyTransaction& transaction) { return CopyRange(transaction, 0, 300'000); });
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, 300'000U);
  EXPECT_EQ(Count(), "300000");
  std::size_t largest = 0;
  BinaryRows rows{[&](std::string_view bytes) {
    largest = std::max(largest, bytes.size());
    return true;
  }};
  for (std::int64_t i = 0; i < 100'000; ++i) {
    rows.Row(1);
    rows.Int8(i);
  }
  rows.Finish();
  EXPECT_LT(largest, BinaryRows::kChunkBytes + 100);
}

TEST_F(PgCopyTest, CommitsRowsAndCheckpointTogetherOrNeither) {
  (void)database_->Query("CREATE TABLE checkpoint (at bigint)");
  CopyConnection connection{database_->options()};
  const auto both = [&](std::int64_t from, bool succeed) {
    return connection.Transact([&](CopyTransaction& transaction) -> Result<std::uint64_t> {
      auto copied = CopyRange(transaction, from, from + 10);
      if (!copied) return copied;
      const std::array<std::optional<std::string>, 1> at{std::to_string(from + 10)};
      const auto moved = transaction.Query("INSERT INTO checkpoint VALUES ($1)", at);
      if (!moved) return moved.error();
      if (succeed) return copied;
      return Error{Code::kAborted, "OWN_REASON", "changed its mind"};
    });
  };
  ASSERT_TRUE(both(0, true));
  EXPECT_EQ(both(10, false).error().reason, "OWN_REASON");
  ASSERT_TRUE(both(10, true)) << "the connection is fit for use after a rollback";
  EXPECT_EQ(Count(), "20");
  EXPECT_EQ(database_->Query("SELECT at FROM checkpoint ORDER BY 1"), (TextRows{{"10"}, {"20"}}));
}

TEST_F(PgCopyTest, GivesTheErrorOfTheOneWhoFillsAndCopiesNothing) {
  CopyConnection connection{database_->options()};
  const auto failed = connection.Transact([&](CopyTransaction& transaction) {
    return transaction.CopyIn(kCopyNumbers, [](BinaryRows& rows) -> Result<void> {
      rows.Row(1);
      rows.Int8(1);
      return Error{Code::kDataLoss, "FILE_TRUNCATED", "the file ends in the middle"};
    });
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, "FILE_TRUNCATED");
  EXPECT_EQ(Count(), "0");
}

TEST_F(PgCopyTest, ReportsWhatTheServerRefusesAndWorksOn) {
  CopyConnection connection{database_->options()};
  const auto copy = [&](const std::string& sql) {
    return connection.Transact([&](CopyTransaction& transaction) {
      return transaction.CopyIn(sql, [](BinaryRows& rows) -> Result<void> {
        rows.Row(1);
        rows.Int4(1);  // the column is int8
        return {};
      });
    });
  };
  EXPECT_EQ(copy(kCopyNumbers).error().reason, "DATABASE_ERROR");
  EXPECT_EQ(copy("COPY nothing FROM STDIN (FORMAT binary)").error().reason, "DATABASE_ERROR");
  EXPECT_EQ(copy("SELECT 1").error().reason, "DATABASE_ERROR");
  ASSERT_TRUE(connection.Transact(
      [&](CopyTransaction& transaction) { return CopyRange(transaction, 0, 1); }));
}

TEST_F(PgCopyTest, RefusesANulInAParameterAndWorksOn) {
  CopyConnection connection{database_->options()};
  const std::vector<std::optional<std::string>> cut{std::string{"1\0002", 3}};
  const auto refused =
      connection.Transact([&](CopyTransaction& transaction) -> Result<storage::TextRows> {
        return transaction.Query("SELECT $1::text", cut);
      });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "DATABASE_ERROR");
  EXPECT_TRUE(connection.Transact(
      [&](CopyTransaction& transaction) { return CopyRange(transaction, 0, 3); }));
}

TEST_F(PgCopyTest, IsDownWhenTheConnectionEndsMidwayAndHealsItself) {
  CopyConnection connection{database_->options()};
  const auto lost = connection.Transact([&](CopyTransaction& transaction) {
    return transaction.CopyIn(kCopyNumbers, [&](BinaryRows& rows) -> Result<void> {
      for (std::int64_t value = 0; value < 1'000'000 && rows.good(); ++value) {
        if (value == 20'000) database_->CutConnections();
        rows.Row(1);
        rows.Int8(value);
      }
      return {};
    });
  });
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().reason, "DATABASE_DOWN") << lost.error().message;
  ASSERT_TRUE(connection.Transact(
      [&](CopyTransaction& transaction) { return CopyRange(transaction, 0, 5); }));
  database_->CutConnections();  // idle this time
  ASSERT_TRUE(connection.Transact(
      [&](CopyTransaction& transaction) { return CopyRange(transaction, 5, 10); }));
  EXPECT_EQ(Count(), "10");
}

TEST_F(PgCopyTest, DoesNotWaitForeverForASilentServer) {
  auto options = database_->options();
  options.statement_timeout = 0ms;
  options.answer_deadline = 100ms;
  CopyConnection connection{options};
  const auto silent = connection.Transact(
      [](CopyTransaction& transaction) { return transaction.Exec("SELECT pg_sleep(30)"); });
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().reason, "DATABASE_DOWN");
}

TEST_F(PgCopyTest, EndsAStatementThatTakesTooLong) {
  auto options = database_->options();
  options.statement_timeout = 50ms;
  CopyConnection connection{options};
  const auto slow = connection.Transact(
      [](CopyTransaction& transaction) { return transaction.Exec("SELECT pg_sleep(30)"); });
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().reason, "STATEMENT_TIMEOUT");
}

}  // namespace
}  // namespace sauda::storage
