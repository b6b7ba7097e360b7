#include <atomic>
#include <future>
#include <latch>
#include <vector>

#include <gtest/gtest.h>

#include "libs/calendar/ist.hpp"
#include "services/auth/src/core/logins.hpp"
#include "tests/support/auth_account.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_broker_login.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_vault.hpp"

namespace sauda::auth {
namespace {

using namespace std::chrono_literals;

/// Follows one account and writes down what it is told.
struct Follower {
  explicit Follower(TokenBoard& board, TokenUse use = TokenUse::kMarketData)
      : board_{board}, id_{board.Watch("main", use, [this](const TokenBoard::View& view) {
          told.push_back(view ? view->text.Reveal() : view.error().reason);
        })} {}
  ~Follower() { board_.Unwatch(id_); }
  std::vector<std::string> told;

 private:
  TokenBoard& board_;
  TokenBoard::WatchId id_;
};

class LoginsTest : public testing::Test {
 protected:
  // The clock stands at 2025-12-15 09:30 IST; access tokens die at 03:30 the day after.
  Result<LoginStatus> LogIn(const std::string& token) {
    const auto login = logins_.Begin("");
    broker_.AddCode("code-" + token, {.access_token = Secret{token}, .user_id = "4ABC"});
    return logins_.Complete(login->state, Secret{"code-" + token});
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  TokenClock token_clock_{market_, false};
  MemoryVault vault_;
  FakeBrokerLogin broker_{market_, clock_};
  CountingStates states_;
  TokenBoard board_{token_clock_};
  Accounts accounts_ = OneAccount(broker_);
  Logins::Parts parts_{.accounts = accounts_,
                       .vault = vault_,
                       .states = states_,
                       .board = board_,
                       .market = token_clock_,
                       .clock = clock_};
  Logins logins_{parts_, {}};
};

TEST_F(LoginsTest, ByCodeGivesATokenUntilHalfPastThree) {
  const auto login = logins_.Begin("main");
  ASSERT_TRUE(login) << login.error().message;
  EXPECT_EQ(login->login_url, "https://broker.test/dialog?state=state1");
  EXPECT_EQ(login->expires_ms, clock_.UtcNs() / 1'000'000 + 600'000);
  broker_.AddCode("code", {.access_token = Secret{"token"}, .user_id = "4ABC"});
  const auto status = logins_.Complete(login->state, Secret{"code"});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->state, LoginStatus::State::kLoggedIn);
  EXPECT_EQ(status->broker_user_id, "4ABC");
  EXPECT_EQ(calendar::FormatIst(status->expires_ms), "2025-12-16 03:30:00");
  EXPECT_EQ(status->seconds_to_expiry, 18 * 3'600);
  EXPECT_EQ(logins_.Get("", TokenUse::kOrders)->text.Reveal(), "token");
}

TEST_F(LoginsTest, TakesAStateOnce) {
  ASSERT_TRUE(LogIn("first"));
  broker_.AddCode("again", {.access_token = Secret{"other"}, .user_id = "4ABC"});
  EXPECT_EQ(logins_.Complete("state1", Secret{"again"}).error().reason, "STATE_UNKNOWN");
  EXPECT_EQ(logins_.Complete("made up", Secret{"again"}).error().reason, "STATE_UNKNOWN");
  EXPECT_EQ(broker_.exchanges(), 1) << "an unknown state never reaches the broker";
}

TEST_F(LoginsTest, NeedsCodeAndState) {
  EXPECT_EQ(logins_.Complete("", Secret{"code"}).error().reason, "STATE_MISSING");
  EXPECT_EQ(logins_.Complete("state", Secret{}).error().reason, "CODE_MISSING");
}

TEST_F(LoginsTest, PassesOnWhatTheBrokerSaysAndChangesNothing) {
  ASSERT_TRUE(LogIn("good"));
  const auto login = logins_.Begin("main");
  EXPECT_EQ(logins_.Complete(login->state, Secret{"bad"}).error().reason, "CODE_REJECTED");
  broker_.SetDown(true);
  const auto next = logins_.Begin("main");
  EXPECT_EQ(logins_.Complete(next->state, Secret{"any"}).error().reason, "BROKER_DOWN");
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders)->text.Reveal(), "good");
}

TEST_F(LoginsTest, ExchangesOnceWhenTheBrowserAsksTwiceAtOnce) {
  const auto login = logins_.Begin("main");
  broker_.AddCode("code", {.access_token = Secret{"token"}, .user_id = "4ABC"});
  std::latch inside{1};
  std::latch go_on{1};
  broker_.OnExchange([&] {
    inside.count_down();
    go_on.wait();
  });
  const auto complete = [&] { return logins_.Complete(login->state, Secret{"code"}); };
  auto first = std::async(std::launch::async, complete);
  inside.wait();
  auto second = std::async(std::launch::async, complete);
  // A stranger with another code does not ride along.
  EXPECT_EQ(logins_.Complete(login->state, Secret{"stolen"}).error().reason, "STATE_UNKNOWN");
  go_on.count_down();
  EXPECT_TRUE(first.get());
  const auto repeated = second.get();  // rode along, or came when it was over
  EXPECT_TRUE(repeated || repeated.error().reason == "STATE_UNKNOWN");
  EXPECT_EQ(broker_.exchanges(), 1);
}

TEST_F(LoginsTest, TakesAPastedTokenOnlyWhenTheBrokerKnowsIt) {
  EXPECT_EQ(logins_.Submit("main", Secret{""}, TokenKind::kAccess).error().reason,
            "TOKEN_MALFORMED");
  EXPECT_EQ(logins_.Submit("main", Secret{"with space"}, TokenKind::kAccess).error().reason,
            "TOKEN_MALFORMED");
  EXPECT_EQ(logins_.Submit("main", Secret{"unknown"}, TokenKind::kAccess).error().reason,
            "TOKEN_REJECTED");
  EXPECT_EQ(logins_.Get("main", TokenUse::kMarketData).error().reason, "TOKEN_MISSING");
  broker_.AddToken("known");
  const auto status = logins_.Submit("main", Secret{"known"}, TokenKind::kAnalytics);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->kind, TokenKind::kAnalytics);
  EXPECT_EQ(logins_.Get("main", TokenUse::kMarketData)->text.Reveal(), "known");
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders).error().reason, "TOKEN_MISSING")
      << "an analytics token places no order";
}

TEST_F(LoginsTest, RefusesAPastedTokenThatIsOver) {
  const std::string dead = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NjU3NDk2MDB9.x";  // the day before
  broker_.AddToken(dead);
  EXPECT_EQ(logins_.Submit("main", Secret{dead}, TokenKind::kAccess).error().reason,
            "TOKEN_EXPIRED");
}

TEST_F(LoginsTest, NeverHandsOutAnExpiredToken) {
  ASSERT_TRUE(LogIn("token"));
  clock_.Advance(18h - 1ms);
  EXPECT_TRUE(logins_.Get("main", TokenUse::kOrders));
  clock_.Advance(1ms);
  const auto refused = logins_.Get("main", TokenUse::kOrders);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "TOKEN_EXPIRED");
  EXPECT_NE(refused.error().message.find("saudactl login"), std::string::npos);
  const auto status = logins_.Status("main");
  EXPECT_EQ(status->state, LoginStatus::State::kExpired);
  EXPECT_EQ(status->seconds_to_expiry, 0);
}

TEST_F(LoginsTest, PrefersTheAccessTokenAndFallsBackForTheMarketOnly) {
  broker_.AddToken("year");
  ASSERT_TRUE(logins_.Submit("main", Secret{"year"}, TokenKind::kAnalytics));
  ASSERT_TRUE(LogIn("day"));
  EXPECT_EQ(logins_.Get("main", TokenUse::kMarketData)->text.Reveal(), "day");
  clock_.Advance(18h);
  EXPECT_EQ(logins_.Get("main", TokenUse::kMarketData)->text.Reveal(), "year");
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders).error().reason, "TOKEN_EXPIRED");
  EXPECT_EQ(logins_.Status("main")->kind, TokenKind::kAnalytics);
}

TEST_F(LoginsTest, KeepsTheExtendedTokenThatCameAlong) {
  const auto login = logins_.Begin("main");
  broker_.AddCode(
      "code", {.access_token = Secret{"day"}, .extended_token = Secret{"long"}, .user_id = "4ABC"});
  ASSERT_TRUE(logins_.Complete(login->state, Secret{"code"}));
  EXPECT_EQ(logins_.Status("main")->access_seconds(), 18 * 3'600);
  clock_.Advance(18h);
  EXPECT_EQ(logins_.Get("main", TokenUse::kMarketData)->text.Reveal(), "long");
  EXPECT_GT(logins_.Status("main")->seconds_to_expiry, 0);
  EXPECT_EQ(logins_.Status("main")->access_seconds(), 0) << "no order can be placed";
}

TEST_F(LoginsTest, ATokenThatDoesNotOpenStandsInNobodysWay) {
  broker_.AddToken("analytics");
  ASSERT_TRUE(logins_.Submit("main", Secret{"analytics"}, TokenKind::kAnalytics));
  vault_.Lock(TokenKind::kAnalytics);
  EXPECT_EQ(logins_.Refresh().error().reason, "VAULT_KEY_WRONG");
  const auto status = LogIn("token");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->kind, TokenKind::kAccess);
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders)->text.Reveal(), "token");
  const auto refreshed = logins_.Refresh();
  ASSERT_FALSE(refreshed) << "and is told all the same";
  EXPECT_EQ(refreshed.error().reason, "VAULT_KEY_WRONG");
  EXPECT_NE(refreshed.error().message.find("analytics"), std::string::npos);
  EXPECT_EQ(board_.All("main")->size(), 2U) << "the token in hand goes on";
  ASSERT_TRUE(logins_.Logout("main"));
  EXPECT_TRUE(logins_.Refresh());
}

TEST_F(LoginsTest, LogoutForgetsTheTokenHereAndAtTheBroker) {
  ASSERT_TRUE(LogIn("token"));
  const auto status = logins_.Logout("main");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->state, LoginStatus::State::kLoggedOut);
  EXPECT_FALSE(broker_.Knows("token"));
  EXPECT_EQ(logins_.Get("main", TokenUse::kMarketData).error().reason, "TOKEN_MISSING");
  EXPECT_TRUE(logins_.Logout("main")) << "without a token nothing happens";
}

TEST_F(LoginsTest, LogoutForgetsTheTokenEvenWhenTheBrokerIsAway) {
  ASSERT_TRUE(LogIn("token"));
  broker_.SetDown(true);
  EXPECT_EQ(logins_.Logout("main").error().reason, "BROKER_DOWN");
  EXPECT_EQ(logins_.Get("main", TokenUse::kMarketData).error().reason, "TOKEN_MISSING");
}

TEST_F(LoginsTest, WithoutTheVaultRefusesLoginsAndServesWhatItHas) {
  ASSERT_TRUE(LogIn("token"));
  broker_.AddToken("pasted");
  vault_.SetDown(true);
  EXPECT_EQ(logins_.Refresh().error().reason, "VAULT_DOWN");
  EXPECT_EQ(logins_.Begin("main").error().reason, "VAULT_DOWN");
  EXPECT_EQ(logins_.Complete("state9", Secret{"code"}).error().reason, "VAULT_DOWN");
  EXPECT_EQ(logins_.Submit("main", Secret{"pasted"}, TokenKind::kAccess).error().reason,
            "VAULT_DOWN");
  EXPECT_EQ(logins_.Logout("main").error().reason, "VAULT_DOWN");
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders)->text.Reveal(), "token");
  EXPECT_EQ(logins_.Status("main")->state, LoginStatus::State::kLoggedIn);
  vault_.SetDown(false);
  EXPECT_TRUE(logins_.Refresh());
  EXPECT_TRUE(LogIn("next"));
}

TEST_F(LoginsTest, GivesAVaultThatLostEverythingBackWhatIsInMemory) {
  ASSERT_TRUE(LogIn("token"));
  Follower follower{board_};
  vault_.Forget();
  ASSERT_TRUE(logins_.Refresh());
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders)->text.Reveal(), "token");
  EXPECT_EQ(vault_.Read("main")->tokens.size(), 1U);
  EXPECT_EQ(follower.told.back(), "token");
  ASSERT_TRUE(vault_.Erase("main"));  // another replica's log-out is no loss
  ASSERT_TRUE(logins_.Refresh());
  EXPECT_EQ(follower.told.back(), "LOGGED_OUT");
}

TEST_F(LoginsTest, ThatNeverReachedTheVaultSaysSo) {
  vault_.SetDown(true);
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders).error().reason, "VAULT_DOWN");
  EXPECT_EQ(logins_.Status("main").error().reason, "VAULT_DOWN");
}

TEST_F(LoginsTest, KnowsOnlyItsAccounts) {
  EXPECT_EQ(logins_.Begin("other").error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_EQ(logins_.Get("other", TokenUse::kOrders).error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_EQ(logins_.Logout("other").error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_EQ(logins_.Status("other").error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_EQ(logins_.Submit("other", Secret{"t"}, TokenKind::kAccess).error().reason,
            "ACCOUNT_UNKNOWN");
  const Accounts accounts{{{.id = "a", .broker = &broker_}, {.id = "b", .broker = &broker_}}};
  Logins::Parts parts{.accounts = accounts,
                      .vault = vault_,
                      .states = states_,
                      .board = board_,
                      .market = token_clock_,
                      .clock = clock_};
  Logins two{parts, {}};
  EXPECT_EQ(two.Begin("").error().reason, "ACCOUNT_UNKNOWN") << "which of the two?";
  EXPECT_TRUE(two.Begin("b"));
}

TEST_F(LoginsTest, SeesTheLoginOfAnotherReplicaAtOnce) {
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders).error().reason, "TOKEN_MISSING");
  ASSERT_TRUE(vault_.Write(
      "main", {.text = Secret{"theirs"}, .expires_ms = clock_.UtcNs() / 1'000'000 + 1'000}));
  EXPECT_EQ(logins_.Get("main", TokenUse::kOrders)->text.Reveal(), "theirs");
}

TEST_F(LoginsTest, ReadsTheVaultOnceForACrowdThatAsksAtOnce) {
  ASSERT_TRUE(logins_.Refresh());
  std::latch inside{1};
  std::latch go_on{1};
  std::atomic<bool> held = false;
  vault_.OnRead([&] {
    if (held.exchange(true)) return;  // the first read only
    inside.count_down();
    go_on.wait();
  });
  const int before = vault_.reads();
  const auto get = [&] { return logins_.Get("main", TokenUse::kOrders); };
  auto first = std::async(std::launch::async, get);
  inside.wait();
  constexpr int kCrowd = 32;
  std::atomic<int> asking = 0;
  std::vector<std::future<Result<Token>>> crowd;
  for (int i = 0; i < kCrowd; ++i) {
    crowd.push_back(std::async(std::launch::async, [&] {
      ++asking;
      return get();
    }));
  }
  ASSERT_TRUE(Eventually([&] { return asking == kCrowd; }));
  ASSERT_TRUE(vault_.Write(
      "main", {.text = Secret{"theirs"}, .expires_ms = clock_.UtcNs() / 1'000'000 + 1'000}));
  go_on.count_down();
  (void)first.get();
  for (auto& each : crowd) {
    const auto token = each.get();
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->text.Reveal(), "theirs") << "nobody is given what was read before it asked";
  }
  EXPECT_LE(vault_.reads() - before, 4) << "not one read for each of them";
}

TEST_F(LoginsTest, TellsFollowersTheTokenAndEveryChangeOnce) {
  Follower early{board_};
  EXPECT_TRUE(early.told.empty()) << "nothing is known before the vault was read";
  ASSERT_TRUE(logins_.Refresh());
  ASSERT_TRUE(LogIn("first"));
  Follower late{board_};
  ASSERT_TRUE(logins_.Refresh());
  ASSERT_TRUE(LogIn("second"));
  clock_.Advance(18h);
  ASSERT_TRUE(logins_.Refresh());
  ASSERT_TRUE(logins_.Refresh());
  ASSERT_TRUE(LogIn("third"));
  ASSERT_TRUE(logins_.Logout("main"));
  EXPECT_EQ(early.told, (std::vector<std::string>{"TOKEN_MISSING", "first", "second",
                                                  "TOKEN_EXPIRED", "third", "LOGGED_OUT"}));
  EXPECT_EQ(late.told,
            (std::vector<std::string>{"first", "second", "TOKEN_EXPIRED", "third", "LOGGED_OUT"}));
}

TEST_F(LoginsTest, TellsFollowersOfOrdersAboutAccessTokensOnly) {
  ASSERT_TRUE(logins_.Refresh());
  Follower orders{board_, TokenUse::kOrders};
  broker_.AddToken("year");
  ASSERT_TRUE(logins_.Submit("main", Secret{"year"}, TokenKind::kAnalytics));
  ASSERT_TRUE(LogIn("day"));
  EXPECT_EQ(orders.told, (std::vector<std::string>{"TOKEN_MISSING", "day"}));
}

TEST_F(LoginsTest, EndsTokensWithoutTheVaultToo) {
  ASSERT_TRUE(LogIn("token"));
  Follower follower{board_};
  vault_.SetDown(true);
  clock_.Advance(18h);
  EXPECT_FALSE(logins_.Refresh());
  EXPECT_EQ(follower.told, (std::vector<std::string>{"token", "TOKEN_EXPIRED"}));
}

TEST_F(LoginsTest, WaitForTheSimulatorsTimeBeforeCallingATokenValidOrDead) {
  MarketClock market{clock_, MarketClock::Source::kBroker};
  const TokenClock token_clock{market, true};
  TokenBoard board{token_clock};
  FakeBrokerLogin broker{market, clock_};
  const Accounts accounts = OneAccount(broker);
  Logins logins{{.accounts = accounts,
                 .vault = vault_,
                 .states = states_,
                 .board = board,
                 .market = token_clock,
                 .clock = clock_},
                {.simulated = true}};
  ASSERT_TRUE(vault_.Write(
      "main", {.text = Secret{"token"}, .expires_ms = clock_.UtcNs() / 1'000'000 + 1'000}));
  Follower follower{board};
  ASSERT_TRUE(logins.Refresh());
  EXPECT_EQ(logins.Get("main", TokenUse::kOrders).error().reason, "CLOCK_UNKNOWN");
  EXPECT_TRUE(follower.told.empty());
  ASSERT_TRUE(broker.Ping());
  ASSERT_TRUE(logins.Refresh());
  EXPECT_EQ(follower.told, std::vector<std::string>{"token"});
  EXPECT_TRUE(logins.Status("main")->simulated);
}

}  // namespace
}  // namespace sauda::auth
