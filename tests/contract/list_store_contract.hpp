#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/core/lists/list_store.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::instruments {

/// What every ListStore promises. `Factory::Make()` gives an empty store in which the runs 1 and 2
/// have begun, or null when its backend is not there (test skipped).
template <typename Factory>
class ListStoreContract : public testing::Test {
 protected:
  void SetUp() override {
    store_ = factory_.Make();
    if (store_ == nullptr) GTEST_SKIP() << kNoStores;
  }

  static ListRow Row(const std::string& isin, const std::string& token) {
    return {.key = "NSE_EQ|" + isin,
            .symbol = "S" + isin,
            .name = "The \"" + isin + "\" \\ Co.",
            .type = "BE",
            .isin = isin,
            .token = token,
            .margin_percent = Decimal::FromNanos(26'500'000'000),
            .leverage = Decimal::FromUnits(5)};
  }
  static KeptList Head(ListKind list, std::int64_t sync_id, std::int64_t rows) {
    return {.list = list,
            .sync_id = sync_id,
            .market_ms = 1'765'771'200'000,
            .rows = rows,
            .tag = "url etag \"x\"",
            .simulated = sync_id == 2};
  }
  std::vector<ListRow> Rows(ListKind list) {
    std::vector<ListRow> rows;
    const auto told = store_->ForEachOfList(list, [&](const ListRow& row) { rows.push_back(row); });
    EXPECT_TRUE(told) << (told ? "" : told.error().message);
    return rows;
  }
  std::string Places(const SuspendedQuery& query) {
    std::string places;
    const auto found = store_->Suspended(query);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    for (const PlacedRow& each : *found) places += std::to_string(each.place) + " ";
    return places;
  }

  Factory factory_;
  ListStore* store_ = nullptr;
};

TYPED_TEST_SUITE_P(ListStoreContract);

TYPED_TEST_P(ListStoreContract, HasNothingAtFirst) {
  EXPECT_TRUE(this->store_->KeptLists()->empty());
  EXPECT_TRUE(this->Rows(ListKind::kMtf).empty());
  EXPECT_EQ(this->Places({}), "");
}

TYPED_TEST_P(ListStoreContract, KeepsEveryFieldInOrder) {
  const std::vector<ListRow> rows{this->Row("INE2", "7"), this->Row("INE1", "")};
  const auto head = this->Head(ListKind::kMtf, 1, 2);
  const auto replaced = this->store_->ReplaceList(head, rows);
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_EQ(*this->store_->KeptLists(), std::vector<KeptList>{head});
  EXPECT_EQ(this->Rows(ListKind::kMtf), rows);
  EXPECT_TRUE(this->Rows(ListKind::kNseMis).empty()) << "each list is for itself";
}

TYPED_TEST_P(ListStoreContract, ReplacesAllOfAListAndNothingOfOthers) {
  ASSERT_TRUE(this->store_->ReplaceList(this->Head(ListKind::kMtf, 1, 2),
                                        {this->Row("INE1", "1"), this->Row("INE2", "2")}));
  ASSERT_TRUE(
      this->store_->ReplaceList(this->Head(ListKind::kNseMis, 1, 1), {this->Row("INE1", "1")}));
  ASSERT_TRUE(
      this->store_->ReplaceList(this->Head(ListKind::kMtf, 2, 1), {this->Row("INE3", "3")}));
  EXPECT_EQ(this->Rows(ListKind::kMtf), std::vector<ListRow>{this->Row("INE3", "3")});
  EXPECT_EQ(this->Rows(ListKind::kNseMis).size(), 1U);
  ASSERT_TRUE(this->store_->ReplaceList(this->Head(ListKind::kNseMis, 2, 0), {}));
  EXPECT_TRUE(this->Rows(ListKind::kNseMis).empty());
  const auto heads = this->store_->KeptLists();
  ASSERT_TRUE(heads);
  EXPECT_EQ(heads->size(), 2U) << "one that is empty was had";
  for (const KeptList& head : *heads) EXPECT_TRUE(head.simulated);
}

TYPED_TEST_P(ListStoreContract, TellsMoreRowsThanOnePieceHas) {
  std::vector<ListRow> rows;
  for (int i = 0; i < 4'001; ++i) rows.push_back(this->Row("INE" + std::to_string(i), "1"));
  ASSERT_TRUE(this->store_->ReplaceList(this->Head(ListKind::kSuspended, 1, 4'001), rows));
  EXPECT_EQ(this->Rows(ListKind::kSuspended), rows);
}

TYPED_TEST_P(ListStoreContract, FindsSuspendedOnesByNameAndPlace) {
  ASSERT_TRUE(this->store_->ReplaceList(this->Head(ListKind::kSuspended, 1, 4),
                                        {this->Row("INE1", "1"), this->Row("INE2", "2"),
                                         this->Row("INE1", "3"), this->Row("INE4", "4")}));
  ASSERT_TRUE(
      this->store_->ReplaceList(this->Head(ListKind::kMtf, 1, 1), {this->Row("INE1", "1")}));
  EXPECT_EQ(this->Places({}), "1 2 3 4 ");
  EXPECT_EQ(this->Places({.after = 2}), "3 4 ");
  EXPECT_EQ(this->Places({.after = 1, .limit = 2}), "2 3 ");
  EXPECT_EQ(this->Places({.name = "NSE_EQ|INE1"}), "1 3 ");
  EXPECT_EQ(this->Places({.name = "SINE1"}), "1 3 ");
  EXPECT_EQ(this->Places({.name = "INE1", .after = 1}), "3 ");
  EXPECT_EQ(this->Places({.name = "INE"}), "") << "whole names";
  EXPECT_EQ(this->store_->Suspended({.name = "INE2"})->front().row, this->Row("INE2", "2"));
}

REGISTER_TYPED_TEST_SUITE_P(ListStoreContract, HasNothingAtFirst, KeepsEveryFieldInOrder,
                            ReplacesAllOfAListAndNothingOfOthers, TellsMoreRowsThanOnePieceHas,
                            FindsSuspendedOnesByNameAndPlace);

}  // namespace sauda::instruments
