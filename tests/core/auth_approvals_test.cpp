#include <gtest/gtest.h>

#include "libs/calendar/ist.hpp"
#include "services/auth/src/core/approvals.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/fake_broker_login.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_vault.hpp"

namespace sauda::auth {
namespace {

using namespace std::chrono_literals;

/// Two accounts of one install, each with its app, user and notifier.
class ApprovalsTest : public testing::Test {
 protected:
  // The clock stands at 2025-12-15 09:30 IST; requests die at 03:30 the day after.
  ApprovalNotice Notice(const std::string& token) const {
    return {.notifier_key = Secret{"notifier-a"},
            .message_type = "access_token",
            .client_id = "key-a",
            .user_id = "4ABC",
            .token_type = "Bearer",
            .access_token = Secret{token}};
  }
  std::string Deliver(const ApprovalNotice& notice) {
    const auto status = approvals_.Deliver(notice);
    return status ? "" : status.error().reason;
  }
  std::string Orders(const std::string& account) {
    const auto token = logins_.Get(account, TokenUse::kOrders);
    return token ? token->text.Reveal() : token.error().reason;
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  TokenClock token_clock_{market_, false};
  MemoryVault vault_;
  FakeBrokerLogin broker_{market_, clock_};
  FakeBrokerLogin other_broker_{market_, clock_};
  CountingStates states_;
  TokenBoard board_{token_clock_};
  const Accounts accounts_{{{.id = "a",
                             .broker = &broker_,
                             .client_id = "key-a",
                             .broker_user_id = {},
                             .notifier_key = Secret{"notifier-a"}},
                            {.id = "b",
                             .broker = &other_broker_,
                             .client_id = "key-b",
                             .broker_user_id = "5XYZ",
                             .notifier_key = Secret{"notifier-b"}},
                            {.id = "c", .broker = &other_broker_}}};
  Logins logins_{{.accounts = accounts_,
                  .vault = vault_,
                  .states = states_,
                  .board = board_,
                  .market = token_clock_,
                  .clock = clock_},
                 {}};
  Approvals approvals_{{.accounts = accounts_,
                        .logins = logins_,
                        .vault = vault_,
                        .states = states_,
                        .board = board_,
                        .market = token_clock_}};
};

TEST_F(ApprovalsTest, ATokenComesOnceThePersonConsents) {
  broker_.AnswerApproval({.expires_ms = 0, .notifier_url = "https://me.example/x/notifier-a"});
  const auto asked = approvals_.Request("a", false);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_TRUE(asked->fresh);
  EXPECT_TRUE(asked->reaches_us);
  EXPECT_EQ(calendar::FormatIst(asked->expires_ms), "2025-12-16 03:30:00");
  broker_.AddToken("day");
  ASSERT_EQ(Deliver(Notice("day")), "");
  EXPECT_EQ(Orders("a"), "day");
  EXPECT_EQ(Orders("b"), "TOKEN_MISSING") << "it is the other account's";
  EXPECT_EQ(Deliver(Notice("day")), "") << "the broker that missed our answer sends it again";
  broker_.AddToken("unasked");
  EXPECT_EQ(Deliver(Notice("unasked")), "NO_REQUEST_PENDING");
  EXPECT_EQ(Orders("a"), "day");
}

TEST_F(ApprovalsTest, OneRequestIsPendingAtATime) {
  ASSERT_TRUE(approvals_.Request("a", false));
  const auto second = approvals_.Request("a", false);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->fresh);
  EXPECT_EQ(broker_.approvals_asked(), 1) << "nobody is asked twice";
  EXPECT_TRUE(approvals_.Request("b", false)->fresh) << "another account's is another's";
  EXPECT_TRUE(approvals_.Request("a", true)->fresh) << "after a rejection, which is not told";
  EXPECT_EQ(broker_.approvals_asked(), 2);
}

TEST_F(ApprovalsTest, AnUnapprovedRequestDiesAtHalfPastThree) {
  ASSERT_TRUE(approvals_.Request("a", false));
  broker_.AddToken("late");
  clock_.Advance(18h - 1ms);
  EXPECT_FALSE(approvals_.Request("a", false)->fresh);
  clock_.Advance(1ms);
  EXPECT_EQ(Deliver(Notice("late")), "NO_REQUEST_PENDING");
  EXPECT_TRUE(approvals_.Request("a", false)->fresh) << "the dead one stands in nobody's way";
}

TEST_F(ApprovalsTest, DiesSoonerWhenTheBrokerSaysSo) {
  const std::int64_t soon = clock_.UtcNs() / 1'000'000 + 60'000;
  broker_.AnswerApproval({.expires_ms = soon, .notifier_url = "https://other.example/"});
  const auto asked = approvals_.Request("a", false);
  EXPECT_EQ(asked->expires_ms, soon);
  EXPECT_FALSE(asked->reaches_us);
  clock_.Advance(60s);
  broker_.AddToken("late");
  EXPECT_EQ(Deliver(Notice("late")), "NO_REQUEST_PENDING");
}

TEST_F(ApprovalsTest, ARequestThatFailedIsNotPending) {
  broker_.SetDown(true);
  EXPECT_EQ(approvals_.Request("a", false).error().reason, "BROKER_DOWN");
  broker_.SetDown(false);
  EXPECT_TRUE(approvals_.Request("a", false)->fresh);
  EXPECT_EQ(approvals_.Request("c", false).error().reason, "NOTIFIER_MISSING");
  EXPECT_EQ(approvals_.Request("x", false).error().reason, "ACCOUNT_UNKNOWN");
  vault_.SetDown(true);
  EXPECT_EQ(approvals_.Request("b", false).error().reason, "VAULT_DOWN");
}

struct NoticeCase {
  std::string name;
  void (*spoil)(ApprovalNotice&);
  std::string reason;
};
class NoticeTest : public ApprovalsTest, public testing::WithParamInterface<NoticeCase> {};

TEST_P(NoticeTest, IsRefusedAndChangesNothing) {
  ASSERT_TRUE(approvals_.Request("a", false));
  ASSERT_TRUE(approvals_.Request("b", false));
  broker_.AddToken("day");
  broker_.AddToken("of-another", "5XYZ");
  other_broker_.AddToken("day");
  ApprovalNotice notice = Notice("day");
  GetParam().spoil(notice);
  EXPECT_EQ(Deliver(notice), GetParam().reason);
  EXPECT_EQ(Orders("a"), "TOKEN_MISSING");
  EXPECT_EQ(Orders("b"), "TOKEN_MISSING");
  EXPECT_EQ(Deliver(Notice("day")), "") << "the request still waits for the right one";
}
INSTANTIATE_TEST_SUITE_P(
    Notices, NoticeTest,
    testing::Values(
        NoticeCase{"AnotherPath", [](ApprovalNotice& n) { n.notifier_key = Secret{"notifier-x"}; },
                   "NOTIFIER_UNKNOWN"},
        NoticeCase{"NoPath", [](ApprovalNotice& n) { n.notifier_key = Secret{}; },
                   "NOTIFIER_UNKNOWN"},
        NoticeCase{"PathOfTheOtherAccount",
                   [](ApprovalNotice& n) { n.notifier_key = Secret{"notifier-b"}; },
                   "NOTICE_MISMATCH"},
        NoticeCase{"OtherAccountsPathAndApp",
                   [](ApprovalNotice& n) {
                     n.notifier_key = Secret{"notifier-b"};
                     n.client_id = "key-b";
                   },
                   "WRONG_USER"},
        NoticeCase{"TokenOfAnotherUserUnderTheRightName",
                   [](ApprovalNotice& n) {
                     n.notifier_key = Secret{"notifier-b"};
                     n.client_id = "key-b";
                     n.user_id = "5XYZ";
                   },
                   "NOTICE_MISMATCH"},
        NoticeCase{"OtherMessage", [](ApprovalNotice& n) { n.message_type = "order"; },
                   "NOTICE_MALFORMED"},
        NoticeCase{"OtherType", [](ApprovalNotice& n) { n.token_type = "Basic"; },
                   "NOTICE_MALFORMED"},
        NoticeCase{"NoToken", [](ApprovalNotice& n) { n.access_token = Secret{}; },
                   "NOTICE_MALFORMED"},
        NoticeCase{"OtherClient", [](ApprovalNotice& n) { n.client_id = "key-b"; },
                   "NOTICE_MISMATCH"},
        NoticeCase{"NoUser", [](ApprovalNotice& n) { n.user_id = ""; }, "NOTICE_MISMATCH"},
        NoticeCase{"OtherUser", [](ApprovalNotice& n) { n.user_id = "5XYZ"; }, "NOTICE_MISMATCH"},
        NoticeCase{"TokenOfAnotherUser",
                   [](ApprovalNotice& n) { n.access_token = Secret{"of-another"}; },
                   "NOTICE_MISMATCH"},
        NoticeCase{"ForgedToken", [](ApprovalNotice& n) { n.access_token = Secret{"forged"}; },
                   "TOKEN_REJECTED"}),
    CaseName{});

TEST_F(ApprovalsTest, ATokenThatCannotBeProvenNowIsProvenLater) {
  ASSERT_TRUE(approvals_.Request("a", false));
  broker_.AddToken("day");
  broker_.SetDown(true);
  EXPECT_EQ(Deliver(Notice("day")), "BROKER_DOWN");
  EXPECT_EQ(Orders("a"), "TOKEN_MISSING") << "not believed yet";
  EXPECT_TRUE(approvals_.Retry().empty());
  broker_.SetDown(false);
  const auto ended = approvals_.Retry();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_TRUE(ended.front());
  EXPECT_EQ(Orders("a"), "day");
  EXPECT_TRUE(approvals_.Retry().empty()) << "once";
}

TEST_F(ApprovalsTest, WhatCouldNotBeProvenInTimeIsForgotten) {
  ASSERT_TRUE(approvals_.Request("a", false));
  broker_.AddToken("day");
  broker_.SetDown(true);
  EXPECT_EQ(Deliver(Notice("day")), "BROKER_DOWN");
  clock_.Advance(18h);
  broker_.SetDown(false);
  const auto ended = approvals_.Retry();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.front().error().reason, "NO_REQUEST_PENDING");
  EXPECT_TRUE(approvals_.Retry().empty());
}

TEST_F(ApprovalsTest, NothingOfOneAccountReachesTheOther) {
  std::vector<std::string> told_b;
  const auto id = board_.Watch("b", TokenUse::kMarketData, [&](const TokenBoard::View& view) {
    told_b.push_back(view ? view->text.Reveal() : view.error().reason);
  });
  ASSERT_TRUE(logins_.Refresh());
  broker_.AddToken("of-a");
  ASSERT_TRUE(logins_.Submit("a", Secret{"of-a"}, TokenKind::kAccess));
  EXPECT_EQ(Orders("b"), "TOKEN_MISSING");
  EXPECT_EQ(logins_.Status("b")->broker_user_id, "");
  // A state that was given out for one account ends in that account, whoever brings it.
  const auto login = logins_.Begin("a");
  broker_.AddCode("code", {.access_token = Secret{"of-a-too"}, .user_id = "4ABC"});
  ASSERT_TRUE(logins_.Complete(login->state, Secret{"code"}));
  EXPECT_EQ(Orders("a"), "of-a-too");
  EXPECT_EQ(Orders("b"), "TOKEN_MISSING");
  ASSERT_TRUE(logins_.Logout("b"));
  EXPECT_TRUE(broker_.Knows("of-a-too")) << "and a log-out ends nobody else's session";
  EXPECT_EQ(Orders("a"), "of-a-too");
  EXPECT_EQ(told_b, std::vector<std::string>{"TOKEN_MISSING"});
  board_.Unwatch(id);
}

TEST_F(ApprovalsTest, AnAccountTakesOnlyItsOwnUsersLogins) {
  other_broker_.AddToken("of-another", "4ABC");
  EXPECT_EQ(logins_.Submit("b", Secret{"of-another"}, TokenKind::kAccess).error().reason,
            "WRONG_USER");
  const auto login = logins_.Begin("b");
  other_broker_.AddCode("code", {.access_token = Secret{"day"}, .user_id = "4ABC"});
  EXPECT_EQ(logins_.Complete(login->state, Secret{"code"}).error().reason, "WRONG_USER");
  EXPECT_EQ(Orders("b"), "TOKEN_MISSING");
  other_broker_.AddToken("own", "5XYZ");
  EXPECT_TRUE(logins_.Submit("b", Secret{"own"}, TokenKind::kAccess));
}

}  // namespace
}  // namespace sauda::auth
