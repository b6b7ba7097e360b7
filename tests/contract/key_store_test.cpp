#include "libs/storage/pg_pool.hpp"
#include "services/auth/src/adapters/pg_audit_store.hpp"
#include "services/auth/src/adapters/pg_key_store.hpp"
#include "services/auth/src/migrations.hpp"
#include "tests/contract/key_store_contract.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/memory_keys.hpp"

namespace sauda::auth {
namespace {

struct InMemory {
  bool Make() { return true; }
  AuditStore& audit() { return audit_; }
  KeyStore& keys() { return keys_; }

  MemoryAuditStore audit_;
  MemoryKeyStore keys_{audit_};
};

struct InPostgres {
  bool Make() {
    database = TestDatabase::Make();
    if (!database) return false;
    pool = std::make_unique<storage::PgPool>(database->options());
    schema = std::make_unique<PgSchema>(database->options(), kMigrations);
    const auto prepared = schema->Prepare();
    EXPECT_TRUE(prepared) << prepared.error().message;
    audit_ = std::make_unique<PgAuditStore>(*pool, *schema);
    keys_ = std::make_unique<PgKeyStore>(*pool, *schema);
    return true;
  }
  AuditStore& audit() { return *audit_; }
  KeyStore& keys() { return *keys_; }

  std::unique_ptr<TestDatabase> database;
  std::unique_ptr<storage::PgPool> pool;
  std::unique_ptr<PgSchema> schema;
  std::unique_ptr<PgAuditStore> audit_;
  std::unique_ptr<PgKeyStore> keys_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, KeyStoreContract, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, KeyStoreContract, InPostgres);

class PgAuditTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!place_.Make()) GTEST_SKIP() << kNoStores;
    for (int i = 1; i <= 10; ++i) {
      ASSERT_TRUE(place_.audit().Append({.at_ms = i, .actor = "a", .action = "b", .subject = "c"}));
    }
  }
  /// What a statement failed with; empty: it was done.
  std::string Refused(const std::string& sql) {
    const auto done = place_.pool->Transact([&](pqxx::work& work) -> Result<void> {
      work.exec(sql);
      return {};
    });
    return done ? "" : done.error().message;
  }
  /// As the tables' owner can: past the triggers.
  void Force(const std::string& sql) {
    EXPECT_EQ(Refused("SET LOCAL session_replication_role = replica; " + sql), "") << sql;
  }

  InPostgres place_;
};

struct SqlCase {
  std::string name;
  std::string sql;
};
class RefusedSqlTest : public PgAuditTest, public testing::WithParamInterface<SqlCase> {};

TEST_P(RefusedSqlTest, LeavesTheAuditAsItWas) {
  EXPECT_NE(Refused(GetParam().sql), "");
  const auto verdict = VerifyAudit(place_.audit(), {});
  EXPECT_FALSE(verdict->broken);
  EXPECT_EQ(verdict->rows, 10);
}

const std::string kZeros = "decode(repeat('00', 32), 'hex')";
INSTANTIATE_TEST_SUITE_P(
    Statements, RefusedSqlTest,
    testing::Values(
        SqlCase{"Update", "UPDATE auth.audit SET actor = 'x' WHERE seq = 3"},
        SqlCase{"UpdateOfNothingNew", "UPDATE auth.audit SET actor = actor"},
        SqlCase{"Delete", "DELETE FROM auth.audit WHERE seq = 10"},
        SqlCase{"Truncate", "TRUNCATE auth.audit"},
        SqlCase{"InsertOffTheChain", "INSERT INTO auth.audit VALUES (11, 1, 'a', 'b', 'c', '{}', " +
                                         kZeros + ", " + kZeros + ")"},
        SqlCase{"InsertPastTheHead",
                "INSERT INTO auth.audit SELECT 12, 1, 'a', 'b', 'c', '{}', hash, hash FROM "
                "auth.audit_head"},
        SqlCase{"InsertWithoutADetail",
                "INSERT INTO auth.audit SELECT 11, 1, 'a', 'b', 'c', '1', hash, hash FROM "
                "auth.audit_head"},
        SqlCase{"HeadSetBack", "UPDATE auth.audit_head SET seq = 9"},
        SqlCase{"HeadSetOnWithoutARow", "UPDATE auth.audit_head SET seq = 11"},
        SqlCase{"HeadTakenAway", "DELETE FROM auth.audit_head"},
        SqlCase{"HeadEmptied", "TRUNCATE auth.audit_head"},
        SqlCase{"SecondHead", "INSERT INTO auth.audit_head VALUES (false, 1, " + kZeros + ")"}),
    CaseName{});

struct DeedCase {
  std::string name;
  std::string sql;
  std::int64_t seq;
  std::string reason;
};
class ForcedDeedTest : public PgAuditTest, public testing::WithParamInterface<DeedCase> {};

TEST_P(ForcedDeedTest, IsFound) {
  Force(GetParam().sql);
  const auto verdict = VerifyAudit(place_.audit(), {});
  ASSERT_TRUE(verdict) << verdict.error().message;
  ASSERT_TRUE(verdict->broken);
  EXPECT_EQ(verdict->broken->seq, GetParam().seq);
  EXPECT_EQ(verdict->broken->reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Deeds, ForcedDeedTest,
    testing::Values(
        DeedCase{"ARowChanged", "UPDATE auth.audit SET actor = 'x' WHERE seq = 3", 3,
                 "ROW_CHANGED"},
        DeedCase{"ARowTakenOut", "DELETE FROM auth.audit WHERE seq = 5", 5, "ROW_MISSING"},
        DeedCase{"TheTailCutOff", "DELETE FROM auth.audit WHERE seq > 8", 9, "TAIL_MISSING"},
        DeedCase{"EverythingGone", "DELETE FROM auth.audit", 1, "TAIL_MISSING"},
        DeedCase{"TheHeadGone", "DELETE FROM auth.audit_head", 11, "HEAD_MISSING"},
        DeedCase{"TailAndHeadSetBack",
                 "DELETE FROM auth.audit WHERE seq > 8; UPDATE auth.audit_head SET seq "
                 "= 8",
                 8, "HEAD_WRONG"}),
    CaseName{});

TEST_F(PgAuditTest, NothingFollowsAHeadThatIsGone) {
  Force("DELETE FROM auth.audit_head");
  EXPECT_EQ(place_.audit().Append({.actor = "a"}).error().reason, "AUDIT_HEAD_MISSING");
}

TEST_F(PgAuditTest, CutOffTailAndHeadAreFoundWithANotedHead) {
  const auto noted = VerifyAudit(place_.audit(), {})->head;
  Force(
      "DELETE FROM auth.audit WHERE seq > 8; UPDATE auth.audit_head h SET seq = 8, hash = "
      "(SELECT hash FROM auth.audit WHERE seq = 8)");
  EXPECT_FALSE(VerifyAudit(place_.audit(), {})->broken) << "the tables alone cannot tell";
  EXPECT_EQ(VerifyAudit(place_.audit(), noted)->broken->reason, "NOT_AS_EXPECTED");
}

TEST(PgKeyStoreWithoutServerTest, IsAwayUntilTheSchemaIsThere) {
  const storage::PgOptions nobody{.url = "postgresql://nobody@127.0.0.1:1/none"};
  storage::PgPool pool{nobody};
  PgSchema schema{nobody, kMigrations};
  PgAuditStore audit{pool, schema};
  PgKeyStore keys{pool, schema};
  EXPECT_EQ(schema.Prepare().error().code, Code::kUnavailable);
  EXPECT_EQ(keys.ReadAll().error().reason, "DATABASE_DOWN");
  EXPECT_EQ(keys.Version().error().reason, "DATABASE_DOWN");
  EXPECT_EQ(keys.Insert({}, {}).error().reason, "DATABASE_DOWN");
  EXPECT_EQ(keys.Revoke("0000000000000000", {}).error().reason, "DATABASE_DOWN");
  EXPECT_EQ(keys.NoteUses({}).error().reason, "DATABASE_DOWN");
  EXPECT_EQ(audit.Append({}).error().reason, "DATABASE_DOWN");
  EXPECT_EQ(audit.FindEnd().error().reason, "DATABASE_DOWN");
  EXPECT_EQ(audit.ReadUp(0, 1).error().reason, "DATABASE_DOWN");
  EXPECT_EQ(audit.ReadDown(0, 1).error().reason, "DATABASE_DOWN");
}

}  // namespace
}  // namespace sauda::auth
