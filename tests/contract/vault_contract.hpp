#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "services/auth/src/core/ports.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::auth {

/// What every Vault promises. `Factory::Make()` gives one with an account of its own
/// (`Factory::account`), or null when its backend is not there (test skipped).
template <typename Factory>
class VaultContract : public testing::Test {
 protected:
  void SetUp() override {
    vault_ = factory_.Make();
    if (!vault_) GTEST_SKIP() << kNoStores;
  }
  static Token Sample(TokenKind kind, const std::string& text) {
    return {.text = Secret{text},
            .kind = kind,
            .broker_user_id = "4ABC",
            .expires_ms = 1'765'836'000'000,
            .simulated = true};
  }
  const std::string& account() const { return factory_.account; }

  Factory factory_;
  std::unique_ptr<Vault> vault_;
};

TYPED_TEST_SUITE_P(VaultContract);

TYPED_TEST_P(VaultContract, IsEmptyAtFirst) {
  const auto account = this->vault_->Read(this->account());
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_FALSE(account->known);
  EXPECT_TRUE(account->tokens.empty());
}

TYPED_TEST_P(VaultContract, GivesBackWhatWasWrittenWithItsVersion) {
  auto token = this->Sample(TokenKind::kAccess, "header.claims.signature");
  const auto version = this->vault_->Write(this->account(), token);
  ASSERT_TRUE(version) << version.error().message;
  token.version = *version;
  const auto account = this->vault_->Read(this->account());
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_TRUE(account->known);
  EXPECT_EQ(account->tokens, std::vector{token});
}

TYPED_TEST_P(VaultContract, KeepsOneTokenOfEachKindAndRaisesTheVersion) {
  const auto first = this->vault_->Write(this->account(), this->Sample(TokenKind::kAccess, "a"));
  const auto second =
      this->vault_->Write(this->account(), this->Sample(TokenKind::kAnalytics, "b"));
  const auto third = this->vault_->Write(this->account(), this->Sample(TokenKind::kAccess, "c"));
  ASSERT_TRUE(first && second && third);
  EXPECT_LT(*first, *second);
  EXPECT_LT(*second, *third);
  const auto account = this->vault_->Read(this->account());
  ASSERT_EQ(account->tokens.size(), 2U);
  for (const Token& token : account->tokens) {
    EXPECT_EQ(token.text.Reveal(), token.kind == TokenKind::kAccess ? "c" : "b");
    EXPECT_EQ(token.version, token.kind == TokenKind::kAccess ? *third : *second);
  }
}

TYPED_TEST_P(VaultContract, RaisesTheVersionAfterAnErasureToo) {
  const auto before = this->vault_->Write(this->account(), this->Sample(TokenKind::kAccess, "a"));
  ASSERT_TRUE(this->vault_->Erase(this->account()));
  const auto erased = this->vault_->Read(this->account());
  EXPECT_TRUE(erased->known) << "a log-out is remembered";
  EXPECT_TRUE(erased->tokens.empty());
  ASSERT_TRUE(this->vault_->Erase(this->account())) << "erasing nothing is no failure";
  const auto after = this->vault_->Write(this->account(), this->Sample(TokenKind::kAccess, "b"));
  EXPECT_LT(*before, *after);
}

TYPED_TEST_P(VaultContract, KeepsAccountsApart) {
  ASSERT_TRUE(this->vault_->Write(this->account(), this->Sample(TokenKind::kAccess, "a")));
  EXPECT_FALSE(this->vault_->Read(this->account() + "2")->known);
}

TYPED_TEST_P(VaultContract, GivesAStateToOneTaker) {
  const std::string state = this->account() + "-state";
  ASSERT_TRUE(this->vault_->KeepState(state, "main", std::chrono::minutes{1}));
  EXPECT_EQ(*this->vault_->TakeState(state), "main");
  EXPECT_FALSE(*this->vault_->TakeState(state));
  EXPECT_FALSE(*this->vault_->TakeState("never given out"));
}

TYPED_TEST_P(VaultContract, KeepsOneApprovalUntilItIsDeadOrReplaced) {
  const Approval first{.id = "one", .requested_ms = 1'000, .expires_ms = 2'000};
  const Approval second{.id = "two", .requested_ms = 1'500, .expires_ms = 3'000};
  EXPECT_FALSE(*this->vault_->ReadApproval(this->account()));
  EXPECT_EQ(*this->vault_->KeepApproval(this->account(), first, 1'000, false), first);
  EXPECT_EQ(*this->vault_->ReadApproval(this->account()), first);
  EXPECT_EQ(*this->vault_->KeepApproval(this->account(), second, 1'999, false), first);
  EXPECT_EQ(*this->vault_->KeepApproval(this->account(), second, 2'000, false), second) << "dead";
  EXPECT_EQ(*this->vault_->KeepApproval(this->account(), first, 2'000, true), first) << "replaced";
  ASSERT_TRUE(this->vault_->DropApproval(this->account(), "two"));
  EXPECT_EQ(*this->vault_->ReadApproval(this->account()), first) << "not the one that was meant";
  EXPECT_FALSE(*this->vault_->ReadApproval(this->account() + "2")) << "another account's";
  ASSERT_TRUE(this->vault_->DropApproval(this->account(), "one"));
  EXPECT_FALSE(*this->vault_->ReadApproval(this->account()));
}

REGISTER_TYPED_TEST_SUITE_P(VaultContract, IsEmptyAtFirst, GivesBackWhatWasWrittenWithItsVersion,
                            KeepsOneTokenOfEachKindAndRaisesTheVersion,
                            RaisesTheVersionAfterAnErasureToo, KeepsAccountsApart,
                            GivesAStateToOneTaker, KeepsOneApprovalUntilItIsDeadOrReplaced);

}  // namespace sauda::auth
