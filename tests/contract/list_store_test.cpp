#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/pg_instrument_store.hpp"
#include "services/instruments/src/migrations.hpp"
#include "tests/contract/list_store_contract.hpp"
#include "tests/support/memory_list_store.hpp"

namespace sauda::instruments {
namespace {

struct ListsInMemory {
  ListStore* Make() { return &store_; }
  MemoryListStore store_;
};

struct ListsInPostgres {
  ListStore* Make() {
    database_ = TestDatabase::Make();
    if (!database_) return nullptr;
    pool_ = std::make_unique<storage::PgPool>(database_->options());
    store_ = std::make_unique<PgInstrumentStore>(
        *pool_,
        PgInstrumentStore::Settings{.database = database_->options(), .migrations = kMigrations});
    EXPECT_EQ(store_->KeptLists().error().reason, "DATABASE_DOWN") << "before it is prepared";
    EXPECT_TRUE(store_->Prepare());
    EXPECT_EQ(*store_->StartRun(0, "test"), 1);
    EXPECT_EQ(*store_->StartRun(0, "test"), 2);
    return store_.get();
  }
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<storage::PgPool> pool_;
  std::unique_ptr<PgInstrumentStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, ListStoreContract, ListsInMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, ListStoreContract, ListsInPostgres);

class PgListsTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = backend_.Make();
    if (store_ == nullptr) GTEST_SKIP() << kNoStores;
  }
  ListsInPostgres backend_;
  ListStore* store_ = nullptr;
};

TEST_F(PgListsTest, ARowThatCannotBeKeptLeavesTheOldList) {
  const ListRow good{.key = "NSE_EQ|INE1"};
  ASSERT_TRUE(store_->ReplaceList({.list = ListKind::kMtf, .sync_id = 1, .rows = 1}, {good}));
  ListRow bad = good;
  bad.name = "\xff";  // no UTF-8: the reader lets none through, PostgreSQL does neither
  EXPECT_FALSE(store_->ReplaceList({.list = ListKind::kMtf, .sync_id = 2, .rows = 2}, {good, bad}));
  EXPECT_EQ(store_->KeptLists()->front().sync_id, 1);
  std::size_t rows = 0;
  ASSERT_TRUE(store_->ForEachOfList(ListKind::kMtf, [&](const ListRow&) { ++rows; }));
  EXPECT_EQ(rows, 1U);
}

}  // namespace
}  // namespace sauda::instruments
