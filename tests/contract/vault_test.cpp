#include <array>
#include <chrono>
#include <cstdlib>
#include <random>

#include "libs/storage/redis.hpp"
#include "services/auth/src/adapters/redis_vault.hpp"
#include "tests/contract/vault_contract.hpp"
#include "tests/support/memory_vault.hpp"

namespace sauda::auth {
namespace {

using namespace std::chrono_literals;

const Secret kKey{"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="};
const Secret kOtherKey{"MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="};

std::unique_ptr<VaultKeyring> Ring(const std::vector<Secret>& keys) {
  return std::move(*VaultKeyring::Make([keys]() -> Result<std::vector<Secret>> { return keys; }));
}

std::string FreshAccount() { return "test" + std::to_string(std::random_device{}()); }

struct InMemory {
  std::unique_ptr<Vault> Make() { return std::make_unique<MemoryVault>(); }
  std::string account = FreshAccount();
};

struct InRedis {
  std::unique_ptr<Vault> Make() {
    const char* const url = std::getenv("SAUDA_TEST_REDIS");
    if (url == nullptr) return nullptr;
    redis = std::make_unique<storage::Redis>(storage::RedisOptions{.url = Secret{url}});
    return std::make_unique<RedisVault>(*redis, *keyring);
  }
  std::string account = FreshAccount();
  std::unique_ptr<VaultKeyring> keyring = Ring({kKey});
  std::unique_ptr<storage::Redis> redis;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, VaultContract, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(Redis, VaultContract, InRedis);

class RedisVaultTest : public testing::Test {
 protected:
  void SetUp() override {
    vault_ = place_.Make();
    if (!vault_) GTEST_SKIP() << kNoStores;
  }
  static Token Sample() {
    return {.text = Secret{"canary.token.6f2b"}, .broker_user_id = "4ABC", .expires_ms = 1};
  }
  std::string Stored() const {
    const std::string key = "sauda:auth:account:" + place_.account;
    const std::array<std::string_view, 3> get{"HGET", key, "access"};
    return place_.redis->Command(get)->text;
  }
  InRedis place_;
  std::unique_ptr<Vault> vault_;
};

TEST_F(RedisVaultTest, HoldsNoTokenInTheClearAndNeverTheSameBytesTwice) {
  ASSERT_TRUE(vault_->Write(place_.account, Sample()));
  const std::string first = Stored();
  ASSERT_TRUE(vault_->Write(place_.account, Sample()));
  EXPECT_NE(first, Stored());
  EXPECT_EQ(first.find("canary"), std::string::npos);
}

TEST_F(RedisVaultTest, RefusesATokenMovedToAnotherAccount) {
  ASSERT_TRUE(vault_->Write(place_.account, Sample()));
  const std::string thief = "sauda:auth:account:" + place_.account + "x";
  const std::string sealed = Stored();
  const std::array<std::string_view, 4> move{"HSET", thief, "access", sealed};
  ASSERT_TRUE(place_.redis->Command(move));
  EXPECT_EQ(vault_->Read(place_.account + "x").error().reason, "VAULT_KEY_WRONG");
}

TEST_F(RedisVaultTest, RefusesATokenMovedToAnotherKind) {
  ASSERT_TRUE(vault_->Write(place_.account, Sample()));
  const std::string sealed = Stored();
  const std::string key = "sauda:auth:account:" + place_.account;
  const std::array<std::string_view, 4> move{"HSET", key, "analytics", sealed};
  ASSERT_TRUE(place_.redis->Command(move));
  EXPECT_EQ(vault_->Read(place_.account)->unopened, std::vector{TokenKind::kAnalytics});
}

TEST_F(RedisVaultTest, OpensWhatTheFormerKeySealedAndNothingElse) {
  ASSERT_TRUE(vault_->Write(place_.account, Sample()));
  const auto rotated = Ring({kOtherKey, kKey});
  RedisVault after{*place_.redis, *rotated};
  EXPECT_EQ(after.Read(place_.account)->tokens.front().text, Sample().text);
  const auto stranger = Ring({kOtherKey});
  RedisVault without{*place_.redis, *stranger};
  EXPECT_EQ(without.Read(place_.account).error().reason, "VAULT_KEY_WRONG");
}

TEST_F(RedisVaultTest, GivesWhatOpensAndSaysWhatDoesNot) {
  const auto stranger = Ring({kOtherKey});
  RedisVault other{*place_.redis, *stranger};
  Token sealed_elsewhere = Sample();
  sealed_elsewhere.kind = TokenKind::kAnalytics;
  ASSERT_TRUE(other.Write(place_.account, sealed_elsewhere));
  EXPECT_EQ(vault_->Read(place_.account).error().reason, "VAULT_KEY_WRONG") << "none opens";
  ASSERT_TRUE(vault_->Write(place_.account, Sample()));
  const auto account = vault_->Read(place_.account);
  ASSERT_TRUE(account) << account.error().message;
  ASSERT_EQ(account->tokens.size(), 1U);
  EXPECT_EQ(account->tokens.front().kind, TokenKind::kAccess);
  EXPECT_EQ(account->unopened, std::vector{TokenKind::kAnalytics});
}

TEST_F(RedisVaultTest, RaisesTheVersionAfterRedisLostEverything) {
  const auto now_ms = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
  };
  const auto before = vault_->Write(place_.account, Sample());
  (void)place_.redis->Delete("sauda:auth:account:" + place_.account);
  for (const auto written = now_ms(); now_ms() == written;) {  // nobody loses it within a tick
  }
  const auto after = vault_->Write(place_.account, Sample());
  EXPECT_LT(*before, *after);
}

TEST_F(RedisVaultTest, LetsAStateDie) {
  ASSERT_TRUE(vault_->KeepState(place_.account, "main", 1ms));
  std::optional<std::string> alive;
  const auto limit = std::chrono::steady_clock::now() + 5s;
  const std::string key = "sauda:auth:state:" + place_.account;
  do {  // looks without taking
    alive = *place_.redis->Get(key);
  } while (alive && std::chrono::steady_clock::now() < limit);
  EXPECT_FALSE(*vault_->TakeState(place_.account));
}

TEST(RedisVaultWithoutServerTest, IsDown) {
  storage::Redis nobody{{.url = Secret{"redis://127.0.0.1:1"}}};
  const auto keyring = Ring({kKey});
  RedisVault vault{nobody, *keyring};
  EXPECT_EQ(vault.Ping().error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.Read("main").error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.Write("main", {}).error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.Erase("main").error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.KeepState("s", "main", 1s).error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.TakeState("s").error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.KeepApproval("main", {}, 0, false).error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.ReadApproval("main").error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.DropApproval("main", "id").error().reason, "VAULT_DOWN");
  EXPECT_EQ(vault.Reseal().error().reason, "VAULT_DOWN");
}

TEST(VaultCipherTest, RefusesKeysThatAreNone) {
  for (const char* text : {"", "short", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEy",
                           "!DEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                           "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MA=="}) {
    EXPECT_EQ(VaultCipher::FromKeys({Secret{text}}).error().reason, "VAULT_KEY_MALFORMED") << text;
  }
  EXPECT_EQ(VaultCipher::FromKeys({}).error().reason, "VAULT_KEY_MALFORMED");
}

TEST(VaultCipherTest, NoticesEveryChangedByte) {
  const auto cipher = VaultCipher::FromKeys({kKey}).value();
  const auto sealed = cipher.Seal(Secret{"text"}, "place").value();
  EXPECT_EQ(cipher.Open(sealed, "place")->Reveal(), "text");
  EXPECT_FALSE(cipher.Open(sealed, "elsewhere"));
  EXPECT_FALSE(cipher.Open(sealed.substr(0, sealed.size() - 1), "place"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(cipher.Open(changed, "place")) << i;
  }
}

}  // namespace
}  // namespace sauda::auth
