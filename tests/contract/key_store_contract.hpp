#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/auth/src/core/key_store.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::auth {

/// What every KeyStore with its AuditStore promises. `Factory::Make()` makes them empty (`audit()`,
/// `keys()`), and is false when their backend is not there (test skipped).
template <typename Factory>
class KeyStoreContract : public testing::Test {
 protected:
  void SetUp() override {
    if (!factory_.Make()) GTEST_SKIP() << kNoStores;
  }
  KeyStore& keys() { return factory_.keys(); }
  AuditStore& audit() { return factory_.audit(); }

  static std::string Id(int number) {
    std::string id = std::to_string(number);
    return std::string(16 - id.size(), '0') + id;
  }
  static ApiKey KeyOf(int number) {
    return {.known = {.id = Id(number),
                      .hash = keys::Sha256(std::to_string(number)),
                      .scopes = {keys::Scope::kRead, keys::Scope::kAdmin},
                      .accounts = {"main", "other"},
                      .expires_ms = 5'000,
                      .revoked_ms = 0},
            .name = "key " + std::to_string(number),
            .created_ms = 1'000 + number,
            .created_by = "local",
            .last_used_ms = 0};
  }
  static Act ActOf(const std::string& subject) {
    return {.at_ms = 2'000,
            .actor = "local",
            .action = "key.created",
            .subject = subject,
            .detail = R"({"name":"\"\\ सौदा"})"};
  }
  void Insert(int number) {
    const auto kept = keys().Insert(KeyOf(number), ActOf(Id(number)));
    EXPECT_TRUE(kept) << kept.error().message;
  }

  Factory factory_;
};

TYPED_TEST_SUITE_P(KeyStoreContract);

TYPED_TEST_P(KeyStoreContract, IsEmptyAtFirst) {
  EXPECT_TRUE(this->keys().ReadAll()->empty());
  const auto end = this->audit().FindEnd();
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->head, AuditHead{});
  EXPECT_EQ(end->newest, 0);
  EXPECT_TRUE(this->audit().ReadDown(0, 10)->empty());
}

TYPED_TEST_P(KeyStoreContract, GivesBackWhatWasInsertedOldestFirst) {
  this->Insert(2);
  this->Insert(1);
  auto bare = this->KeyOf(3);
  bare.known.accounts.clear();
  bare.known.expires_ms = 0;
  bare.name = "'; DROP TABLE auth.api_keys; -- सौदा";
  ASSERT_TRUE(this->keys().Insert(bare, this->ActOf("x")));
  const auto all = this->keys().ReadAll();
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(*all, (std::vector{this->KeyOf(1), this->KeyOf(2), bare}));
}

TYPED_TEST_P(KeyStoreContract, HasARowForEveryChangeAndNoneForARefusal) {
  const auto version = this->keys().Version();
  this->Insert(1);
  EXPECT_GT(*this->keys().Version(), *version);
  auto same_name = this->KeyOf(2);
  same_name.name = this->KeyOf(1).name;
  EXPECT_EQ(this->keys().Insert(same_name, this->ActOf("x")).error().reason, "KEY_NAME_TAKEN");
  EXPECT_EQ(this->keys().Revoke(this->Id(9), this->ActOf("x")).error().reason, "KEY_NOT_FOUND");
  const auto rows = this->audit().ReadUp(0, 10);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front(), NextRow({}, this->ActOf(this->Id(1))))
      << "as it was computed, to a byte";
}

TYPED_TEST_P(KeyStoreContract, RevokesOnce) {
  this->Insert(1);
  const auto revoked = this->keys().Revoke(this->Id(1), this->ActOf(this->Id(1)));
  ASSERT_TRUE(revoked) << revoked.error().message;
  auto wanted = this->KeyOf(1);
  wanted.known.revoked_ms = 2'000;
  EXPECT_EQ(*revoked, wanted);
  auto later = this->ActOf(this->Id(1));
  later.at_ms = 3'000;
  EXPECT_EQ(*this->keys().Revoke(this->Id(1), later), wanted);
  EXPECT_EQ(this->keys().ReadAll()->front(), wanted);
  EXPECT_EQ(this->audit().FindEnd()->newest, 2);
  auto again = this->KeyOf(2);
  again.name = this->KeyOf(1).name;
  EXPECT_TRUE(this->keys().Insert(again, this->ActOf("x"))) << "the name is free";
}

TYPED_TEST_P(KeyStoreContract, NotesTheLatestUse) {
  this->Insert(1);
  this->Insert(2);
  ASSERT_TRUE(this->keys().NoteUses(
      std::vector<KeyUse>{{this->Id(1), 50}, {this->Id(2), 60}, {this->Id(7), 70}}));
  ASSERT_TRUE(this->keys().NoteUses(std::vector<KeyUse>{{this->Id(1), 40}, {this->Id(2), 80}}));
  const auto all = this->keys().ReadAll();
  EXPECT_EQ((*all)[0].last_used_ms, 50);
  EXPECT_EQ((*all)[1].last_used_ms, 80);
}

TYPED_TEST_P(KeyStoreContract, BoundsTheKeysInUse) {
  for (int i = 0; i < KeyStore::kMostKeys; ++i) {
    ASSERT_TRUE(this->keys().Insert(this->KeyOf(i), this->ActOf("x")));
  }
  const int next = static_cast<int>(KeyStore::kMostKeys);
  EXPECT_EQ(this->keys().Insert(this->KeyOf(next), this->ActOf("x")).error().reason,
            "TOO_MANY_KEYS");
  ASSERT_TRUE(this->keys().Revoke(this->Id(0), this->ActOf("x")));
  EXPECT_TRUE(this->keys().Insert(this->KeyOf(next), this->ActOf("x")));
  auto much_later = this->KeyOf(next + 1);
  much_later.created_ms = 5'000;  // when all of those have expired
  EXPECT_TRUE(this->keys().Insert(much_later, this->ActOf("x")));
}

TYPED_TEST_P(KeyStoreContract, ReadsTheAuditUpAndDownInPages) {
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(this->audit().Append(this->ActOf(std::to_string(i))));
  const auto seqs = [](const Result<std::vector<AuditRow>>& rows) {
    std::vector<std::int64_t> numbers;
    for (const AuditRow& row : *rows) numbers.push_back(row.seq);
    return numbers;
  };
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(seqs(this->audit().ReadUp(0, 2)), (Numbers{1, 2}));
  EXPECT_EQ(seqs(this->audit().ReadUp(2, 10)), (Numbers{3, 4, 5}));
  EXPECT_EQ(seqs(this->audit().ReadUp(5, 10)), Numbers{});
  EXPECT_EQ(seqs(this->audit().ReadDown(0, 2)), (Numbers{5, 4}));
  EXPECT_EQ(seqs(this->audit().ReadDown(4, 2)), (Numbers{3, 2}));
  EXPECT_EQ(seqs(this->audit().ReadDown(1, 2)), Numbers{});
}

TYPED_TEST_P(KeyStoreContract, KeepsOneChainWhoeverWritesAtOnce) {
  std::vector<std::future<void>> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.push_back(std::async(std::launch::async, [this, writer] {
      for (int i = 0; i < 10; ++i) {
        const int number = 100 * (writer + 1) + i;
        this->Insert(number);
        EXPECT_TRUE(this->audit().Append(this->ActOf("of another kind")));
        EXPECT_TRUE(this->keys().Revoke(this->Id(number), this->ActOf("x")));
      }
    }));
  }
  for (auto& writer : writers) writer.get();
  const auto verdict = VerifyAudit(this->audit(), {});
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_FALSE(verdict->broken) << verdict->broken->message;
  EXPECT_EQ(verdict->rows, 4 * 10 * 3);
}

TYPED_TEST_P(KeyStoreContract, RevokesOnceWhoeverAsksAtOnce) {
  this->Insert(1);
  std::vector<std::future<std::int64_t>> askers;
  for (int asker = 0; asker < 4; ++asker) {
    askers.push_back(std::async(std::launch::async, [this, asker] {
      auto act = this->ActOf(this->Id(1));
      act.at_ms += asker;
      const auto revoked = this->keys().Revoke(this->Id(1), act);
      EXPECT_TRUE(revoked) << revoked.error().message;
      return revoked ? revoked->known.revoked_ms : 0;
    }));
  }
  const std::int64_t first = askers.front().get();
  for (std::size_t i = 1; i < askers.size(); ++i) EXPECT_EQ(askers[i].get(), first);
  EXPECT_EQ(this->audit().FindEnd()->newest, 2);
}

REGISTER_TYPED_TEST_SUITE_P(KeyStoreContract, IsEmptyAtFirst, GivesBackWhatWasInsertedOldestFirst,
                            HasARowForEveryChangeAndNoneForARefusal, RevokesOnce, NotesTheLatestUse,
                            BoundsTheKeysInUse, ReadsTheAuditUpAndDownInPages,
                            KeepsOneChainWhoeverWritesAtOnce, RevokesOnceWhoeverAsksAtOnce);

}  // namespace sauda::auth
