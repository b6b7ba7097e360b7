#include <future>

#include <gtest/gtest.h>

#include "services/auth/src/core/key_desk.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_keys.hpp"

namespace sauda::auth {
namespace {

using keys::Scope;
using namespace std::chrono_literals;

class KeyDeskTest : public testing::Test {
 protected:
  std::int64_t NowMs() const { return clock_.UtcNs() / 1'000'000; }
  CreatedKey Create(const std::string& name, keys::Scopes scopes = {Scope::kRead}) {
    auto created = desk_.Create({.name = name, .scopes = scopes, .accounts = {}}, "local");
    EXPECT_TRUE(created) << created.error().message;
    return std::move(*created);
  }
  std::vector<AuditRow> Audit() { return *audit_.ReadUp(0, 100); }

  ManualClock clock_;
  MemoryAuditStore audit_;
  MemoryKeyStore store_{audit_};
  KeyBoard board_;
  CountingBytes random_;
  KeyDesk desk_{{.store = store_, .board = board_, .random = random_, .clock = clock_}};
};

/// What a follower has been told.
struct Follower {
  KeyBoard::Listener Ear() {
    return [this](const KeyBoard::News& news) {
      const std::lock_guard lock{mutex};
      if (news.whole) known.clear();
      wholes += news.whole ? 1 : 0;
      ++events;
      for (const auto& key : news.keys) known[key.id] = key;
    };
  }
  std::mutex mutex;
  std::map<std::string, keys::KnownKey> known;
  int wholes = 0;
  int events = 0;
};

TEST_F(KeyDeskTest, MakesAKeyWhoseTextIsNowhereElse) {
  const auto created = desk_.Create({.name = "dashboard",
                                     .scopes = {Scope::kRead, Scope::kTrade},
                                     .accounts = {"b", "a", "b"},
                                     .expires_ms = NowMs() + 1},
                                    "0123456789abcdef");
  ASSERT_TRUE(created) << created.error().message;
  const ApiKey& key = created->key;
  EXPECT_EQ(keys::IdInside(created->text), key.known.id);
  EXPECT_EQ(keys::HashOf(created->text), key.known.hash);
  EXPECT_EQ(key.known.accounts, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(key.created_ms, NowMs());
  EXPECT_EQ(key.created_by, "0123456789abcdef");
  EXPECT_EQ(store_.ReadAll()->front(), key);
  const std::string secret = created->text.Reveal().substr(created->text.Reveal().rfind('_') + 1);
  ASSERT_EQ(Audit().size(), 1U);
  const Act act = Audit().front().act;
  EXPECT_EQ(act.action, "key.created");
  EXPECT_EQ(act.actor, "0123456789abcdef");
  EXPECT_EQ(act.subject, key.known.id);
  EXPECT_EQ(act.detail, R"({"name":"dashboard","scopes":"read,trade","accounts":"a,b",)"
                        R"("expires_ms":")" +
                            std::to_string(NowMs() + 1) + "\"}");
  EXPECT_EQ(act.detail.find(secret), std::string::npos);
}

TEST_F(KeyDeskTest, TellsFollowersTheWholeSetAndThenEveryChange) {
  Follower early;
  board_.Watch(early.Ear());
  EXPECT_EQ(early.events, 0) << "nothing is known yet";
  const auto first = Create("first");
  EXPECT_EQ(early.wholes, 1);
  const auto second = Create("second");
  EXPECT_EQ(early.wholes, 1);
  EXPECT_EQ(early.known.size(), 2U);
  Follower late;
  board_.Watch(late.Ear());
  EXPECT_EQ(late.known, early.known);
  ASSERT_TRUE(desk_.Revoke(first.key.known.id, "local"));
  for (const Follower* each : {&early, &late}) {
    EXPECT_EQ(each->known.at(first.key.known.id).revoked_ms, NowMs());
    EXPECT_EQ(each->known.at(second.key.known.id).revoked_ms, 0);
  }
}

TEST_F(KeyDeskTest, SeesWhatAnotherReplicaDid) {
  KeyBoard board_of_another;
  KeyDesk another{{.store = store_, .board = board_of_another, .random = random_, .clock = clock_}};
  Follower follower;
  board_.Watch(follower.Ear());
  ASSERT_TRUE(desk_.Refresh());
  EXPECT_EQ(follower.wholes, 1) << "that there is none is known, too";
  const auto key =
      another.Create({.name = "theirs", .scopes = {Scope::kRead}, .accounts = {}}, "x");
  ASSERT_TRUE(desk_.Refresh());
  EXPECT_EQ(follower.known.size(), 1U);
  const int events = follower.events;
  ASSERT_TRUE(desk_.Refresh());
  EXPECT_EQ(follower.events, events) << "nothing has changed";
  ASSERT_TRUE(another.Revoke(key->key.known.id, "x"));
  ASSERT_TRUE(desk_.Refresh());
  EXPECT_NE(follower.known.at(key->key.known.id).revoked_ms, 0);
}

TEST_F(KeyDeskTest, RevokesOnceAndForGood) {
  const auto created = Create("leaked");
  const auto id = created.key.known.id;
  const auto revoked_ms = NowMs();
  ASSERT_TRUE(desk_.Revoke(id, "local"));
  clock_.Advance(1s);
  const auto again = desk_.Revoke(id, "local");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->known.revoked_ms, revoked_ms);
  EXPECT_EQ(Audit().size(), 2U) << "the repeat did nothing";
  EXPECT_EQ(Audit().back().act.action, "key.revoked");
  EXPECT_EQ(desk_.Revoke("ffffffffffffffff", "local").error().reason, "KEY_NOT_FOUND");
  // Whatever is read later, from a restored database for one, it does not come back to life.
  keys::KnownKey alive = created.key.known;
  board_.Set({alive});
  EXPECT_EQ(board_.Count(keys::KeyState::kRevoked, NowMs()), 1U);
  Create("leaked");  // the name is free again
}

TEST_F(KeyDeskTest, WithoutTheDatabaseChangesNothingAndSaysSo) {
  const auto created = Create("kept");
  audit_.SetDown(true);
  EXPECT_EQ(
      desk_.Create({.name = "new", .scopes = {Scope::kRead}, .accounts = {}}, "x").error().reason,
      "DATABASE_DOWN");
  EXPECT_EQ(desk_.Revoke(created.key.known.id, "x").error().code, Code::kUnavailable);
  EXPECT_EQ(desk_.Refresh().error().code, Code::kUnavailable);
  EXPECT_EQ(board_.Count(keys::KeyState::kActive, NowMs()), 1U) << "what is known stays known";
  audit_.SetDown(false);
  EXPECT_TRUE(desk_.Refresh());
}

TEST_F(KeyDeskTest, ForgetsKeysThatEndedLongAgo) {
  const auto revoked = Create("revoked");
  ASSERT_TRUE(desk_.Revoke(revoked.key.known.id, "local"));
  clock_.Advance(std::chrono::hours{24 * 89});
  Create("other");
  EXPECT_EQ(board_.Count(keys::KeyState::kRevoked, NowMs()), 1U);
  clock_.Advance(std::chrono::hours{24 * 2});
  KeyBoard fresh;
  KeyDesk started{{.store = store_, .board = fresh, .random = random_, .clock = clock_}};
  ASSERT_TRUE(started.Refresh());
  EXPECT_EQ(fresh.Count(keys::KeyState::kRevoked, NowMs()), 0U);
  EXPECT_EQ(fresh.Count(keys::KeyState::kActive, NowMs()), 1U);
}

TEST_F(KeyDeskTest, ListsPagesNewestFirst) {
  std::vector<std::string> made;
  for (const char* name : {"a", "b", "c"}) {
    made.insert(made.begin(), Create(name).key.known.id);
    clock_.Advance(1ms);
  }
  std::vector<std::string> listed;
  std::string token;
  do {
    const auto page = desk_.List(2, token);
    ASSERT_TRUE(page);
    for (const ApiKey& key : page->keys) listed.push_back(key.known.id);
    token = page->next;
  } while (!token.empty());
  EXPECT_EQ(listed, made);
  EXPECT_EQ(desk_.List(2, "x").error().reason, "PAGE_TOKEN_INVALID");
}

TEST_F(KeyDeskTest, NotesUsesThatDoNotLieInTheFuture) {
  const auto id = Create("used").key.known.id;
  ASSERT_TRUE(desk_.NoteUses({{id, NowMs() + 60'000}, {"0000000000000000", 5}}));
  EXPECT_EQ(store_.ReadAll()->front().last_used_ms, NowMs());
  ASSERT_TRUE(desk_.NoteUses({{id, NowMs() - 5}}));
  EXPECT_EQ(store_.ReadAll()->front().last_used_ms, NowMs()) << "it never goes back";
}

TEST_F(KeyDeskTest, ChangesFromManyThreadsLeaveOneChainAndOneTruth) {
  Follower follower;
  ASSERT_TRUE(desk_.Refresh());
  board_.Watch(follower.Ear());
  std::vector<std::future<void>> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.push_back(std::async(std::launch::async, [&, thread] {
      for (int i = 0; i < 25; ++i) {
        const auto name = std::to_string(thread) + "-" + std::to_string(i);
        const auto created =
            desk_.Create({.name = name, .scopes = {Scope::kRead}, .accounts = {}}, "x");
        ASSERT_TRUE(created);
        if (i % 2 == 0) {
          ASSERT_TRUE(desk_.Revoke(created->key.known.id, "x"));
        }
        (void)desk_.Refresh();
      }
    }));
  }
  for (auto& thread : threads) thread.get();
  const auto all = store_.ReadAll();
  for (const ApiKey& key : *all) EXPECT_EQ(follower.known[key.known.id], key.known);
  const auto verdict = VerifyAudit(audit_, {});
  EXPECT_FALSE(verdict->broken);
  EXPECT_EQ(verdict->rows, 100 + 4 * 13);
}

struct Case {
  std::string name;
  NewKey wanted;
  std::string reason;  // empty: taken
};
class NewKeyTest : public KeyDeskTest, public testing::WithParamInterface<Case> {};

TEST_P(NewKeyTest, GivesTheReason) {
  const auto created = desk_.Create(GetParam().wanted, "local");
  EXPECT_EQ(created ? "" : created.error().reason, GetParam().reason);
  EXPECT_EQ(Audit().size(), GetParam().reason.empty() ? 1U : 0U);
}

NewKey Named(std::string name) {
  return {.name = std::move(name), .scopes = {Scope::kRead}, .accounts = {}};
}
NewKey For(std::vector<std::string> accounts) {
  return {.name = "n", .scopes = {Scope::kRead}, .accounts = std::move(accounts)};
}
NewKey Until(std::int64_t expires_ms) {
  return {.name = "n", .scopes = {Scope::kRead}, .accounts = {}, .expires_ms = expires_ms};
}
const std::int64_t kStartMs = ManualClock{}.UtcNs() / 1'000'000;

INSTANTIATE_TEST_SUITE_P(
    Rules, NewKeyTest,
    testing::Values(
        Case{"LongestName", Named(std::string(64, 'n')), ""},
        Case{"NameTooLong", Named(std::string(65, 'n')), "KEY_NAME_INVALID"},
        Case{"NoName", Named(""), "KEY_NAME_INVALID"}, Case{"NameOfManyTongues", Named("सौदा"), ""},
        Case{"LineInTheName", Named("a\nb"), "KEY_NAME_INVALID"},
        Case{"DeleteInTheName", Named("a\x7f"), "KEY_NAME_INVALID"},
        Case{"NameNotUtf8", Named("\xff"), "KEY_NAME_INVALID"},
        Case{"QuoteInTheName", Named(R"(a"b\c)"), ""},
        Case{"NoScope", {.name = "n", .scopes = {}, .accounts = {}}, "SCOPES_MISSING"},
        Case{"MostAccounts", For(std::vector<std::string>(32, "a")), ""},
        Case{"TooManyAccounts", For(std::vector<std::string>(33, "a")), "TOO_MANY_ACCOUNTS"},
        Case{"EmptyAccount", For({""}), "ACCOUNT_INVALID"},
        Case{"CommaInAnAccount", For({"a,b"}), "ACCOUNT_INVALID"},
        Case{"LongestAccount", For({std::string(64, 'a')}), ""},
        Case{"AccountTooLong", For({std::string(65, 'a')}), "ACCOUNT_INVALID"},
        Case{"NeverExpires", Until(0), ""}, Case{"ExpiresNext", Until(kStartMs + 1), ""},
        Case{"ExpiresNow", Until(kStartMs), "EXPIRY_PAST"},
        Case{"ExpiryNegative", Until(-1), "EXPIRY_PAST"}),
    CaseName{});

TEST_F(KeyDeskTest, RefusesANameThatAKeyHas) {
  Create("same");
  EXPECT_EQ(desk_.Create(Named("same"), "x").error().reason, "KEY_NAME_TAKEN");
}

}  // namespace
}  // namespace sauda::auth
