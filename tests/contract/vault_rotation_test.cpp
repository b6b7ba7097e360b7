// New keys for the vault, while tokens are written and read; and what a dump of Redis shows.
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "libs/storage/redis.hpp"
#include "services/auth/src/adapters/redis_vault.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::auth {
namespace {

// Keys of this file alone: a rotation looks at every account, and leaves what it cannot open.
constexpr const char* kOld = "cm90YXRpb24ga2V5IG9uZSAwMTIzNDU2Nzg5MDEyMzQ=";
constexpr const char* kNew = "cm90YXRpb24ga2V5IHR3byAwMTIzNDU2Nzg5MDEyMzQ=";
constexpr const char* kUnknown = "cm90YXRpb24ga2V5IHNpeCAwMTIzNDU2Nzg5MDEyMzQ=";

/// Accounts of its own in the tests' Redis, and a keyring file that the test rewrites.
class VaultRotationTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const url = std::getenv("SAUDA_TEST_REDIS");
    if (url == nullptr) GTEST_SKIP() << kNoStores;
    // More connections than threads: nobody waits for one.
    redis_ = std::make_unique<storage::Redis>(storage::RedisOptions{.url = Secret{url}, .size = 8});
    Keys({kOld});
    keyring_ = NewRing();
    vault_ = std::make_unique<RedisVault>(*redis_, *keyring_);
  }
  void TearDown() override {
    if (!redis_) return;
    for (const std::string& account : {account_, account_ + "2"}) {
      (void)redis_->Delete("sauda:auth:account:" + account);
    }
    std::filesystem::remove(path_);
  }

  void Keys(const std::vector<std::string>& keys) {
    std::ofstream file{path_ + ".new"};
    file << "# the newest first\n\n";
    for (const auto& key : keys) file << key << '\n';
    file.close();
    std::filesystem::rename(path_ + ".new", path_);
  }
  std::unique_ptr<VaultKeyring> NewRing() {
    return std::move(*VaultKeyring::Make(VaultKeyring::FromFile(path_)));
  }
  static Token Sample(const std::string& text, TokenKind kind = TokenKind::kAccess) {
    return {.text = Secret{text}, .kind = kind, .broker_user_id = "4ABC", .expires_ms = 1};
  }
  std::string Stored(const std::string& account, const std::string& field = "access") {
    const std::string key = "sauda:auth:account:" + account;
    const std::array<std::string_view, 3> get{"HGET", key, field};
    return redis_->Command(get)->text;
  }

  const std::string account_ = "rotation" + std::to_string(std::random_device{}());
  const std::string path_ = testing::TempDir() + account_;
  std::unique_ptr<storage::Redis> redis_;
  std::unique_ptr<VaultKeyring> keyring_;
  std::unique_ptr<RedisVault> vault_;
};

TEST_F(VaultRotationTest, SealsEveryValueByTheNewKeyAndChangesNoToken) {
  const auto version = vault_->Write(account_, Sample("a"));
  ASSERT_TRUE(vault_->Write(account_, Sample("year", TokenKind::kAnalytics)));
  ASSERT_TRUE(vault_->Write(account_ + "2", Sample("b")));
  Keys({kNew, kOld});
  const auto done = vault_->Reseal();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GE(done->changed, 3U);
  ASSERT_EQ(done->key_ids.size(), 2U);
  EXPECT_NE(done->key_ids[0], done->key_ids[1]);
  const auto again = vault_->Reseal();
  EXPECT_EQ(again->changed, 0U) << "there is nothing left to do";
  EXPECT_GE(again->current, 3U);
  Keys({kNew});  // the old key is not needed any more
  const auto fresh = NewRing();
  RedisVault after{*redis_, *fresh};
  const auto read = after.Read(account_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->tokens.size(), 2U);
  EXPECT_EQ(read->tokens.front().text.Reveal(), "a");
  EXPECT_EQ(read->tokens.front().version, *version) << "nobody is told of a new token";
  EXPECT_EQ(after.Read(account_ + "2")->tokens.front().text.Reveal(), "b");
}

TEST_F(VaultRotationTest, LeavesWhatNoKeyOpensAndSaysSo) {
  ASSERT_TRUE(vault_->Write(account_, Sample("a")));
  const std::string before = Stored(account_);
  Keys({kUnknown});
  const auto done = vault_->Reseal();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GE(done->unopened, 1U);
  EXPECT_EQ(Stored(account_), before);
}

TEST_F(VaultRotationTest, KeepsItsKeysWhenTheFileIsNoKeyring) {
  ASSERT_TRUE(vault_->Write(account_, Sample("a")));
  Keys({"not a key"});
  EXPECT_EQ(vault_->Reseal().error().reason, "VAULT_KEY_MALFORMED");
  Keys({});
  EXPECT_EQ(vault_->Reseal().error().reason, "VAULT_KEY_MALFORMED");
  std::filesystem::remove(path_);
  EXPECT_EQ(vault_->Reseal().error().reason, "VAULT_KEY_UNREADABLE");
  EXPECT_EQ(vault_->Read(account_)->tokens.front().text.Reveal(), "a");
  EXPECT_FALSE(VaultKeyring::Make(VaultKeyring::FromFile(path_)));
}

TEST_F(VaultRotationTest, AReplicaLearnsTheNewKeyWhenItMeetsIt) {
  const auto other_ring = NewRing();
  RedisVault other{*redis_, *other_ring};
  ASSERT_TRUE(other.Write(account_, Sample("a")));
  Keys({kNew, kOld});
  ASSERT_TRUE(vault_->Reseal());
  EXPECT_EQ(other.Read(account_)->tokens.front().text.Reveal(), "a");
  ASSERT_TRUE(other.Write(account_, Sample("b")));
  EXPECT_TRUE(keyring_->cipher()->IsCurrent(Stored(account_))) << "and seals by it from then on";
}

TEST_F(VaultRotationTest, FailsNobodyAndLosesNoWriteUnderLoad) {
  constexpr int kWriters = 2;
  const auto of = [this](int writer) { return writer == 0 ? account_ : account_ + "2"; };
  for (int writer = 0; writer < kWriters; ++writer) {
    ASSERT_TRUE(vault_->Write(of(writer), Sample("0")));
  }
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::atomic<int> reads = 0;
  std::array<std::atomic<int>, kWriters> written{};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 1; !stop; ++i) {
        if (!vault_->Write(of(writer), Sample(std::to_string(i)))) ++failures;
        written.at(static_cast<std::size_t>(writer)) = i;
      }
    });
    threads.emplace_back([&, writer] {
      int newest = 0;
      while (!stop) {
        const auto account = vault_->Read(of(writer));
        if (!account || account->tokens.size() != 1) {
          ++failures;
          continue;
        }
        const int now = std::stoi(account->tokens.front().text.Reveal());
        if (now < newest) ++failures;  // a rotation brought an older token back
        newest = now;
        ++reads;
      }
    });
  }
  std::size_t raced = 0;
  for (int round = 0; round < 50; ++round) {
    if (round % 2 == 0) {
      Keys({kNew, kOld});
    } else {
      Keys({kOld, kNew});
    }
    const int before = reads;
    const auto done = vault_->Reseal();
    EXPECT_TRUE(done) << done.error().message;
    if (done) raced += done->raced;
    EXPECT_TRUE(Eventually([&] { return reads > before; }));
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  for (int writer = 0; writer < kWriters; ++writer) {
    EXPECT_EQ(vault_->Read(of(writer))->tokens.front().text.Reveal(),
              std::to_string(written.at(static_cast<std::size_t>(writer))));
  }
  RecordProperty("raced", static_cast<int>(raced));
  RecordProperty("reads", reads);
}

TEST_F(VaultRotationTest, ADumpOfRedisShowsNoToken) {
  const std::string canary = "canary.vault.4e91+/=";
  for (const TokenKind kind : kTokenKinds) {
    ASSERT_TRUE(vault_->Write(account_, Sample(canary, kind)));
  }
  Keys({kNew, kOld});
  ASSERT_TRUE(vault_->Reseal());
  std::string dump;
  std::string cursor = "0";
  do {
    const std::array<std::string_view, 4> scan{"SCAN", cursor, "COUNT", "1000"};
    const auto keys = redis_->Command(scan);
    ASSERT_TRUE(keys);
    for (const auto& key : keys->elements[1].elements) {
      const std::array<std::string_view, 2> one{"DUMP", key.text};
      const auto value = redis_->Command(one);
      ASSERT_TRUE(value);
      dump += key.text + value->text;
    }
    cursor = keys->elements[0].text;
  } while (cursor != "0");
  EXPECT_NE(dump.find(account_), std::string::npos) << "the account is in it";
  for (const std::string& form :
       {canary, std::string{"canary.vault"}, std::string{"Y2FuYXJ5LnZhdWx0"},
        std::string{"canary%2Evault"}, std::string{kNew}, std::string{kOld}}) {
    EXPECT_EQ(dump.find(form), std::string::npos) << form;
  }
}

}  // namespace
}  // namespace sauda::auth
