#include <array>
#include <future>
#include <set>

#include <gtest/gtest.h>

#include "services/gateway/src/core/access.hpp"
#include "services/gateway/src/core/key_ring.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::gateway {
namespace {

using keys::Scope;

constexpr std::int64_t kNowMs = 1'000;

/// A key's text of that number.
Secret TextOf(int number) {
  std::array<std::uint8_t, keys::kIdBytes> id{};
  std::array<std::uint8_t, keys::kSecretBytes> secret{};
  id.back() = static_cast<std::uint8_t>(number);
  secret.fill(static_cast<std::uint8_t>(number));
  return keys::KeyText(keys::KeyId(id), secret);
}
keys::KnownKey KeyOf(int number) {
  return {.id = *keys::IdInside(TextOf(number)),
          .hash = keys::HashOf(TextOf(number)),
          .scopes = {Scope::kRead},
          .accounts = {"main"}};
}
std::string ReasonOf(const Result<Caller>& caller) { return caller ? "" : caller.error().reason; }

TEST(KeyRingTest, KnowsNothingUntilItWasTold) {
  KeyRing ring;
  const auto refused = ring.Recognise(TextOf(1), kNowMs);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), "KEYS_NOT_KNOWN");
  ring.Set({});
  EXPECT_EQ(ReasonOf(ring.Recognise(TextOf(1), kNowMs)), "KEY_UNKNOWN");
}

TEST(KeyRingTest, RecognisesWhatItWasTold) {
  KeyRing ring;
  ring.Set({KeyOf(1)});
  const auto caller = ring.Recognise(TextOf(1), kNowMs);
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->key_id, KeyOf(1).id);
  EXPECT_EQ(caller->scopes, keys::Scopes{Scope::kRead});
  EXPECT_EQ(caller->accounts, std::vector<std::string>{"main"});
  ring.Change({KeyOf(2)});
  EXPECT_TRUE(ring.Recognise(TextOf(2), kNowMs));
  ring.Set({KeyOf(2)});
  EXPECT_EQ(ReasonOf(ring.Recognise(TextOf(1), kNowMs)), "KEY_UNKNOWN") << "not in the whole set";
}

struct Case {
  std::string name;
  std::int64_t expires_ms = 0;
  std::int64_t revoked_ms = 0;
  std::string text;  // empty: the key's own
  std::string reason;
};
class RecogniseTest : public testing::TestWithParam<Case> {};

TEST_P(RecogniseTest, GivesTheReason) {
  KeyRing ring;
  auto key = KeyOf(1);
  key.expires_ms = GetParam().expires_ms;
  key.revoked_ms = GetParam().revoked_ms;
  ring.Set({key});
  const Secret text = GetParam().text.empty() ? TextOf(1) : Secret{GetParam().text};
  const auto caller = ring.Recognise(text, kNowMs);
  EXPECT_EQ(ReasonOf(caller), GetParam().reason);
  if (!caller) {
    EXPECT_EQ(caller.error().message.find(text.Reveal()), std::string::npos) << "no key in errors";
  }
}

/// The right id with another secret: whoever has only that learns nothing of the key.
std::string WrongSecret() {
  std::string text = TextOf(1).Reveal();
  text[text.size() - 2] = text[text.size() - 2] == 'A' ? 'B' : 'A';
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, RecogniseTest,
    testing::Values(Case{"Good", 0, 0, "", ""}, Case{"ExpiresNext", kNowMs + 1, 0, "", ""},
                    Case{"ExpiresNow", kNowMs, 0, "", "KEY_EXPIRED"},
                    Case{"Revoked", 0, 5, "", "KEY_REVOKED"},
                    Case{"RevokedAndExpired", kNowMs, 5, "", "KEY_REVOKED"},
                    Case{"WrongSecret", 0, 0, WrongSecret(), "KEY_UNKNOWN"},
                    Case{"WrongSecretOfARevokedKey", 0, 5, WrongSecret(), "KEY_UNKNOWN"},
                    Case{"WrongSecretOfAnExpiredKey", kNowMs, 0, WrongSecret(), "KEY_UNKNOWN"},
                    Case{"OtherKey", 0, 0, TextOf(2).Reveal(), "KEY_UNKNOWN"},
                    Case{"NoKeyAtAll", 0, 0, "password", "KEY_UNKNOWN"},
                    Case{"OneMoreCharacter", 0, 0, TextOf(1).Reveal() + "A", "KEY_UNKNOWN"}),
    CaseName{});

TEST(KeyRingTest, GivesOutEachNewUseOnce) {
  KeyRing ring;
  ring.Set({KeyOf(1), KeyOf(2)});
  EXPECT_TRUE(ring.TakeUses().empty());
  (void)ring.Recognise(TextOf(1), kNowMs);
  (void)ring.Recognise(TextOf(1), kNowMs + 5);
  const auto uses = ring.TakeUses();
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].key_id, KeyOf(1).id);
  EXPECT_EQ(uses[0].used_ms, kNowMs + 5);
  EXPECT_TRUE(ring.TakeUses().empty());
  ring.GiveBack(uses);
  EXPECT_EQ(ring.TakeUses().size(), 1U) << "they could not be told";
  (void)ring.Recognise(TextOf(1), kNowMs + 6);
  ring.Set({KeyOf(1)});
  EXPECT_EQ(ring.TakeUses().size(), 1U) << "a new set forgets no use";
}

TEST(KeyRingTest, EndsWhatIsOpenWithAKeyThatIsOver) {
  KeyRing ring;
  auto expiring = KeyOf(2);
  expiring.expires_ms = kNowMs + 10;
  ring.Set({KeyOf(1), expiring, KeyOf(3)});
  int ended_1 = 0;
  int ended_2 = 0;
  int ended_3 = 0;
  ring.Hold(KeyOf(1).id, [&] { ++ended_1; });
  ring.Hold(expiring.id, [&] { ++ended_2; });
  const auto left = ring.Hold(KeyOf(3).id, [&] { ++ended_3; });
  EXPECT_EQ(ring.Hold("", [] { FAIL(); }), 0U) << "without a key there is nothing to end";
  ring.EndDead(kNowMs);
  EXPECT_EQ(ended_1 + ended_2 + ended_3, 0);
  auto revoked = KeyOf(1);
  revoked.revoked_ms = kNowMs;
  ring.Change({revoked});
  ring.EndDead(kNowMs);
  EXPECT_EQ(ended_1, 1);
  EXPECT_EQ(ended_2, 0);
  ring.EndDead(kNowMs + 10);
  EXPECT_EQ(ended_2, 1);
  ring.Release(left);
  ring.Set({});
  ring.EndDead(kNowMs);
  EXPECT_EQ(ended_3, 0);
}

TEST(KeyRingTest, IsAskedAndToldByManyThreads) {
  KeyRing ring;
  ring.Set({KeyOf(1), KeyOf(2)});
  std::vector<std::future<void>> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.push_back(std::async(std::launch::async, [&] {
      for (int i = 0; i < 2'000; ++i) {
        EXPECT_TRUE(ring.Recognise(TextOf(1), kNowMs + i));
        const auto hold = ring.Hold(KeyOf(2).id, [] {});
        ring.Release(hold);
      }
    }));
  }
  std::int64_t newest = 0;
  for (int i = 0; i < 200; ++i) {
    ring.Set({KeyOf(1)});
    ring.Change({KeyOf(2)});
    ring.EndDead(kNowMs);
    for (const auto& use : ring.TakeUses()) newest = std::max(newest, use.used_ms);
  }
  for (auto& thread : threads) thread.get();
  for (const auto& use : ring.TakeUses()) newest = std::max(newest, use.used_ms);
  EXPECT_GE(newest, kNowMs);
}

TEST(RouteRulesTest, NameEachPathOnce) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const RouteRule& rule : RouteRules()) {
    EXPECT_TRUE(seen.insert({rule.method, rule.path}).second) << rule.method << " " << rule.path;
    EXPECT_EQ(FindRule(rule.method, rule.path), &rule);
  }
  EXPECT_EQ(FindRule("PATCH", "/"), nullptr);
}

TEST(RouteRulesTest, LeaveNothingOpenThatChangesAnything) {
  // A key is brought to the one; of the other the path itself is the secret.
  const std::set<std::string_view> open{"/api/v1/session",
                                        "/api/integrations/upstox/notifier/{key}"};
  for (const RouteRule& rule : RouteRules()) {
    if (rule.method != "GET" && !open.contains(rule.path)) {
      EXPECT_TRUE(rule.scope) << rule.method << " " << rule.path;
    }
  }
}

TEST(CheckRuleTest, WantsTheVeryScope) {
  for (const Scope wanted : keys::kScopes) {
    const RouteRule rule{"GET", "/x", wanted};
    for (const Scope given : keys::kScopes) {
      const auto checked = CheckRule(rule, {.key_id = "k", .scopes = {given}, .accounts = {}});
      EXPECT_EQ(checked.has_value(), wanted == given);
      if (checked) continue;
      EXPECT_EQ(checked.error().reason, "SCOPE_MISSING");
      EXPECT_NE(checked.error().message.find(keys::NameOf(wanted)), std::string::npos);
    }
  }
}

TEST(CheckRuleTest, LetsOnlyUnboundKeysTouchTheWhole) {
  const RouteRule whole{"GET", "/x", Scope::kAdmin, Touch::kAll};
  EXPECT_TRUE(CheckRule(whole, {.key_id = "k", .scopes = {Scope::kAdmin}, .accounts = {}}));
  EXPECT_EQ(CheckRule(whole, {.key_id = "k", .scopes = {Scope::kAdmin}, .accounts = {"main"}})
                .error()
                .reason,
            "ACCOUNT_NOT_ALLOWED");
}

struct AccountCase {
  std::string name;
  std::vector<std::string> bound;
  std::string asked;
  std::string account;
  std::string reason;
};
class AccountForTest : public testing::TestWithParam<AccountCase> {};

TEST_P(AccountForTest, IsTheOneMeant) {
  const auto account =
      AccountFor({.key_id = "k", .scopes = {}, .accounts = GetParam().bound}, GetParam().asked);
  EXPECT_EQ(account ? *account : "", GetParam().account);
  EXPECT_EQ(account ? "" : account.error().reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, AccountForTest,
    testing::Values(AccountCase{"UnboundAndUnsaid", {}, "", "", ""},
                    AccountCase{"UnboundAndSaid", {}, "b", "b", ""},
                    AccountCase{"OneAndUnsaid", {"a"}, "", "a", ""},
                    AccountCase{"OneAndSaid", {"a"}, "a", "a", ""},
                    AccountCase{"OneAndAnother", {"a"}, "b", "", "ACCOUNT_NOT_ALLOWED"},
                    AccountCase{"OneAndItsBeginning", {"ab"}, "a", "", "ACCOUNT_NOT_ALLOWED"},
                    AccountCase{"TwoAndUnsaid", {"a", "b"}, "", "", "ACCOUNT_MISSING"},
                    AccountCase{"TwoAndSaid", {"a", "b"}, "b", "b", ""},
                    AccountCase{"TwoAndAnother", {"a", "b"}, "c", "", "ACCOUNT_NOT_ALLOWED"}),
    CaseName{});

}  // namespace
}  // namespace sauda::gateway
