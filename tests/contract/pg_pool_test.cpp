#include "libs/storage/pg_pool.hpp"

#include <future>
#include <latch>

#include <gtest/gtest.h>

#include "libs/storage/connection_url.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::storage {
namespace {

using namespace std::chrono_literals;

class PgPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = TestDatabase::Make();
    if (!database_) GTEST_SKIP() << kNoStores;
  }
  std::unique_ptr<TestDatabase> database_;
};

Result<int> SelectOne(PgPool& pool) {
  return pool.Transact(
      [](pqxx::work& work) -> Result<int> { return work.exec1("SELECT 1")[0].as<int>(); });
}

TEST_F(PgPoolTest, CommitsWhenTheBodySucceedsAndRollsBackWhenItFails) {
  PgPool pool{database_->options()};
  const auto insert = [&](int value, bool succeed) {
    return pool.Transact([&](pqxx::work& work) -> Result<void> {
      work.exec("CREATE TABLE IF NOT EXISTS t (v int)");
      work.exec_params0("INSERT INTO t VALUES ($1)", value);
      if (succeed) return {};
      return Error{Code::kNotFound, "OWN_REASON", "the body's own"};
    });
  };
  ASSERT_TRUE(insert(1, true));
  const auto refused = insert(2, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "OWN_REASON");
  EXPECT_EQ(database_->Query("SELECT v FROM t"), (TextRows{{"1"}}));
  EXPECT_EQ(pool.statistics().failures, 0U);
  EXPECT_EQ(pool.statistics().opened, 1U);
}

TEST_F(PgPoolTest, OpensAnotherConnectionWhenTheServerEndedTheIdleOne) {
  PgPool pool{database_->options()};
  ASSERT_TRUE(pool.Ping());
  database_->CutConnections();
  const auto one = SelectOne(pool);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(pool.statistics().opened, 2U);
}

TEST_F(PgPoolTest, IsDownWhenTheServerEndsTheConnectionAtWorkAndHealsItself) {
  PgPool pool{database_->options()};
  const auto lost = pool.Transact([&](pqxx::work& work) -> Result<int> {
    work.exec("SET LOCAL search_path TO pg_catalog");
    database_->CutConnections();
    return work.exec1("SELECT 1")[0].as<int>();  // must not reconnect quietly and lose the setting
  });
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().reason, "DATABASE_DOWN") << lost.error().message;
  EXPECT_TRUE(SelectOne(pool));
}

TEST_F(PgPoolTest, EndsAStatementThatTakesTooLong) {
  auto options = database_->options();
  options.statement_timeout = 1s;
  PgPool pool{options};
  const auto slow = pool.Transact([](pqxx::work& work) -> Result<void> {
    work.exec("SELECT pg_sleep(30)");
    return {};
  });
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().reason, "STATEMENT_TIMEOUT");
  EXPECT_EQ(slow.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(SelectOne(pool));
}

TEST_F(PgPoolTest, CutsOffATransactionThatOutlivesItsDeadline) {
  auto options = database_->options();
  options.statement_timeout = 0ms;
  options.answer_deadline = 1s;
  PgPool pool{options};
  const auto began = std::chrono::steady_clock::now();
  const auto silent = pool.Transact([](pqxx::work& work) -> Result<void> {
    work.exec("SELECT pg_sleep(30)");
    return {};
  });
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().reason, "DATABASE_DOWN") << silent.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  EXPECT_TRUE(SelectOne(pool));
}

TEST_F(PgPoolTest, IsBusyWhenNoConnectionComesFreeInTime) {
  auto options = database_->options();
  options.size = 1;
  options.borrow_deadline = 50ms;
  PgPool pool{options};
  std::latch borrowed{1};
  std::latch finish{1};
  auto holder = std::async(std::launch::async, [&] {
    return pool.Transact([&](pqxx::work&) -> Result<void> {
      borrowed.count_down();
      finish.wait();
      return {};
    });
  });
  borrowed.wait();
  const auto busy = SelectOne(pool);
  EXPECT_EQ(pool.statistics().in_use, 1U);
  finish.count_down();
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().reason, "DATABASE_BUSY");
  EXPECT_TRUE(holder.get());
  EXPECT_TRUE(SelectOne(pool));
  EXPECT_EQ(pool.statistics().waits, 1U);
}

TEST_F(PgPoolTest, ReportsSerializationFailureAsConflict) {
  PgPool pool{database_->options()};
  const auto conflict = pool.Transact([](pqxx::work& work) -> Result<void> {
    work.exec("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$");
    return {};
  });
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().reason, "CONFLICT");
}

TEST_F(PgPoolTest, ReportsAWrongStatementAsError) {
  PgPool pool{database_->options()};
  const auto wrong = pool.Transact([](pqxx::work& work) -> Result<void> {
    work.exec("SELECT nothing_of_the_kind");
    return {};
  });
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "DATABASE_ERROR");
  EXPECT_EQ(wrong.error().code, Code::kInternal);
  EXPECT_EQ(pool.statistics().failures, 1U);
}

TEST_F(PgPoolTest, RunsOneStatementAsATransactionOfItsOwnAlsoOnANewConnection) {
  PgPool pool{database_->options()};
  ASSERT_TRUE(pool.Execute({"make", "CREATE TABLE t (v int PRIMARY KEY)"}));
  constexpr PgStatement kInsert{"insert", "INSERT INTO t VALUES ($1) RETURNING v + 1"};
  for (const int value : {1, 2}) {
    const auto rows = pool.Execute(kInsert, value);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->front()[0].as<int>(), value + 1);
    database_->CutConnections();
  }
  EXPECT_EQ(pool.statistics().opened, 2U);
  const auto twice = pool.Execute(kInsert, 2);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().reason, "DATABASE_ERROR") << twice.error().message;
  EXPECT_TRUE(pool.Execute(kInsert, 3)) << "a refused statement leaves the connection of use";
  EXPECT_EQ(database_->Query("SELECT v FROM t ORDER BY v"), (TextRows{{"1"}, {"2"}, {"3"}}));
}

TEST_F(PgPoolTest, IsInDoubtWhenTheConnectionIsLostDuringOneStatement) {
  auto options = database_->options();
  options.statement_timeout = 0ms;
  options.answer_deadline = 1s;
  PgPool pool{options};
  const auto lost = pool.Execute({"sleep", "SELECT pg_sleep(30)"});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().reason, "COMMIT_IN_DOUBT") << lost.error().message;
  EXPECT_TRUE(SelectOne(pool));
}

TEST(PgPoolWithoutServerTest, IsDownWhenNobodyTakesTheOneStatement) {
  PgPool pool{{.url = "postgresql://u@127.0.0.1:1/none", .size = 1}};
  const auto down = pool.Execute({"one", "SELECT 1"});
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().reason, "DATABASE_DOWN");
}

TEST(PgPoolWithoutServerTest, IsDownEachTimeAndKeepsThePasswordToItself) {
  PgPool pool{{.url = "postgresql://u:canary%21pw@127.0.0.1:1/none", .size = 1}};
  for (int i = 0; i < 2; ++i) {  // twice: the slot must come back
    const auto down = pool.Ping();
    ASSERT_FALSE(down);
    EXPECT_EQ(down.error().reason, "DATABASE_DOWN");
    EXPECT_EQ(down.error().message.find("canary"), std::string::npos) << down.error().message;
  }
}

TEST(PgPoolWithoutServerTest, RefusesAMalformedAddressWithoutQuotingItsPassword) {
  PgPool pool{{.url = "postgresql://u:canary%zzpw@127.0.0.1:1/none"}};
  const auto refused = pool.Ping();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "DATABASE_URL_MALFORMED");
  EXPECT_EQ(refused.error().message.find("canary"), std::string::npos) << refused.error().message;
}

struct PieceCase {
  std::string name;
  std::string url;
};
class UnescapedPasswordTest : public testing::TestWithParam<PieceCase> {};

TEST_P(UnescapedPasswordTest, IsNotQuotedWhateverLibpqTakesItFor) {
  PgPool pool{{.url = GetParam().url, .size = 1, .connect_timeout = 2s}};
  const auto down = pool.Ping();
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().message.find("canary"), std::string::npos) << down.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Pieces, UnescapedPasswordTest,
    testing::Values(PieceCase{"Port", "postgresql://u:canary/ef@127.0.0.1:1/d"},
                    PieceCase{"PortAndQuery", "postgresql://u:canary?ef@127.0.0.1:1/d"},
                    PieceCase{"QueryKey", "postgresql://u:1/x?canary@127.0.0.1:1/d"},
                    PieceCase{"Host", "postgresql://u:x@canary.invalid/ef@127.0.0.1:1/d"}),
    CaseName{});

struct MaskCase {
  std::string name;
  std::string url;
  std::string masked;
};
class MaskPasswordTest : public testing::TestWithParam<MaskCase> {};

TEST_P(MaskPasswordTest, HidesThePasswordOnly) {
  EXPECT_EQ(MaskPassword(GetParam().url), GetParam().masked);
  EXPECT_EQ(ScrubUrl("failed: " + GetParam().url, GetParam().url), "failed: " + GetParam().masked);
}
INSTANTIATE_TEST_SUITE_P(
    Forms, MaskPasswordTest,
    testing::Values(
        MaskCase{"Redis", "redis://:pw@h:1/0", "redis://:***@h:1/0"},
        MaskCase{"WithUser", "postgresql://u:pw@h/d", "postgresql://u:***@h/d"},
        MaskCase{"WithAt", "postgresql://u:p@w@h/d", "postgresql://u:***@h/d"},
        MaskCase{"WithSlash", "redis://:ab/cd@h:6379/zero", "redis://:***@h:6379/zero"},
        MaskCase{"WithQuestionMark", "postgresql://u:x?w@h/d", "postgresql://u:***@h/d"},
        MaskCase{"WithAll", "postgresql://u:12/34?56@78@h/d", "postgresql://u:***@h/d"},
        MaskCase{"AtInQuery", "postgresql://h/d?password=pw@x", "postgresql://h/d?password=***"},
        MaskCase{"AtInQuerysOther", "postgresql://h:1/d?sslpassword=p@w", "postgresql://h:***"},
        MaskCase{"AtInBoth", "postgresql://u:x@h/d?password=q@w&x=1", "postgresql://u:***&x=1"},
        MaskCase{"ColonInQuery", "postgresql://h/d?password=12:34@56",
                 "postgresql://h/d?password=***"},
        MaskCase{"NoPassword", "postgresql://u@h:5432/d", "postgresql://u@h:5432/d"},
        MaskCase{"NoLogin", "redis://h:1/0", "redis://h:1/0"},
        MaskCase{"InQuery", "postgresql://h/d?password=pw&x=1",
                 "postgresql://h/d?password=***&x=1"},
        MaskCase{"KeyWordInside", "redis://:password=x@h:1", "redis://:***@h:1"},
        MaskCase{"KeyValue", "host=h password='p w' user=u", "host=h password=*** user=u"}),
    CaseName{});

}  // namespace
}  // namespace sauda::storage
