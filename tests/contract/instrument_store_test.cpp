#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/migrations.hpp"
#include "tests/contract/instrument_store_contract.hpp"
#include "tests/support/memory_instrument_store.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {
namespace {

struct InMemory {
  std::unique_ptr<InstrumentStore> Make() { return std::make_unique<MemoryInstrumentStore>(); }
};

/// Batches of `rows`: 1 makes every row a statement of its own.
template <std::size_t rows>
struct InPostgres {
  std::unique_ptr<InstrumentStore> Make() {
    database_ = TestDatabase::Make();
    if (!database_) return nullptr;
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    auto store = std::make_unique<PgInstrumentStore>(
        *pool_,
        PgInstrumentStore::Settings{
            .database = database_->options(), .migrations = kMigrations, .batch_rows = rows});
    EXPECT_EQ(store->Status().error().reason, "DATABASE_DOWN") << "before it is prepared";
    const auto prepared = store->Prepare();
    EXPECT_TRUE(prepared) << prepared.error().message;
    return store;
  }
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<storage::PgPool> pool_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, InstrumentStoreContract, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, InstrumentStoreContract, InPostgres<500>);
INSTANTIATE_TYPED_TEST_SUITE_P(PostgresRowByRow, InstrumentStoreContract, InPostgres<1>);

/// What the schema keeps beyond the port: events.
class PgInstrumentStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = backend_.Make();
    if (!store_) GTEST_SKIP() << kNoStores;
  }
  InPostgres<500> backend_;
  std::unique_ptr<InstrumentStore> store_;
};

TEST_F(PgInstrumentStoreTest, WritesChangesAsEvents) {
  Instrument share;
  share.key = "NSE_EQ|INE1";
  share.type = "EQ";
  share.kind = Kind::kEquity;
  share.symbol = "OLD";
  share.lot_size = 1;
  const auto sync = [&](const auto& write, const std::vector<std::int64_t>& gone) {
    auto transaction = *store_->Begin(*store_->StartRun(0, "test"));
    write(*transaction);
    ASSERT_TRUE(transaction->Apply(gone));
    ASSERT_TRUE(transaction->Commit({}));
  };
  sync([&](SyncTransaction& it) { ASSERT_TRUE(it.Insert(share, 1)); }, {});
  const auto id = store_->FindByKeys({share.key})->front().id;
  share.symbol = "NEW";
  share.lot_size = 25;
  sync([&](SyncTransaction& it) { ASSERT_TRUE(it.Update(id, share, 2)); }, {});
  sync([](SyncTransaction&) {}, {id});
  sync([&](SyncTransaction& it) { ASSERT_TRUE(it.Update(id, share, 2)); }, {});
  std::string events;
  for (const auto& row : backend_.database_->Query(
           "SELECT sync_id, field, old_value, new_value FROM instruments.instrument_events "
           "ORDER BY sync_id, field")) {
    events += *row[0] + " " + *row[1] + " " + *row[2] + ">" + *row[3] + "; ";
  }
  EXPECT_EQ(events,
            "2 lot_size 1>25; 2 trading_symbol OLD>NEW; 3 is_active true>false; "
            "4 is_active false>true; ");
}

TEST_F(PgInstrumentStoreTest, LostConnectionFailsTheSyncAndLeavesTheRest) {
  Instrument share;
  share.key = "NSE_EQ|INE1";
  auto transaction = *store_->Begin(*store_->StartRun(0, "test"));
  ASSERT_TRUE(transaction->ForEachKnown(0, [](const KnownInstrument&) {}));
  backend_.database_->CutConnections();
  ASSERT_TRUE(transaction->Insert(share, 1)) << "still gathering";
  const auto applied = transaction->Apply({});
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().reason, "DATABASE_DOWN");
  const auto status = store_->Status();
  EXPECT_TRUE(status || store_->Status()) << "the pool heals by the second call at the latest";
}

TEST(PgSyncTransactionTest, NoServerIsSaidAtTheFirstStep) {
  storage::PgPool pool{{.url = "postgresql://127.0.0.1:1/none"}};
  PgInstrumentStore store{
      pool, {.database = {.url = "postgresql://127.0.0.1:1/none"}, .migrations = kMigrations}};
  const auto prepared = store.Prepare();
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().reason, "DATABASE_DOWN");
}

}  // namespace
}  // namespace sauda::instruments
