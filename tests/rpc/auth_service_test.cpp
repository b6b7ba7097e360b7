#include "services/auth/src/rpc/auth_service.hpp"

#include <future>
#include <memory>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/rpc/actor.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "services/auth/src/rpc/vault_service.hpp"
#include "tests/support/auth_account.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_broker_login.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_keys.hpp"
#include "tests/support/memory_vault.hpp"

namespace sauda::auth {
namespace {

using namespace std::chrono_literals;

class AuthServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(logins_.Refresh());
    const auto started = server_.Start({.listen = "127.0.0.1:0"}, {&service_, &vault_service_});
    ASSERT_TRUE(started) << started.error().message;
    stub_ = Stub();
  }
  void TearDown() override {
    service_.Shutdown();
    server_.Stop();
  }

  std::unique_ptr<v1alpha1::AuthService::Stub> Stub() const {
    return v1alpha1::AuthService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
  }

  /// Calls a unary method and gives the reason of its failure, or nothing.
  template <typename Request, typename Response>
  std::string Call(grpc::Status (v1alpha1::AuthService::Stub::*method)(grpc::ClientContext*,
                                                                       const Request&, Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    rpc::Prepare(context, 10s, "auth-test");
    const auto status = (stub_.get()->*method)(&context, request, &response);
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  }

  std::string LogIn(const std::string& token) {
    v1alpha1::BeginLoginResponse begun;
    EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::BeginLogin, v1alpha1::BeginLoginRequest{}, begun),
              "");
    broker_.AddCode("code", {.access_token = Secret{token}, .user_id = "4ABC"});
    v1alpha1::CompleteLoginRequest request;
    request.set_state(begun.state());
    request.set_code("code");
    v1alpha1::TokenStatus status;
    return Call(&v1alpha1::AuthService::Stub::CompleteLogin, request, status);
  }

  std::string GetToken(v1alpha1::Token& token) {
    return Call(&v1alpha1::AuthService::Stub::GetToken, v1alpha1::GetTokenRequest{}, token);
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  TokenClock token_clock_{market_, false};
  MemoryVault vault_;
  FakeBrokerLogin broker_{market_, clock_};
  CountingStates states_;
  TokenBoard board_{token_clock_};
  Accounts accounts_ = OneAccount(broker_);
  Logins logins_{{.accounts = accounts_,
                  .vault = vault_,
                  .states = states_,
                  .board = board_,
                  .market = token_clock_,
                  .clock = clock_},
                 {.simulated = true}};
  prometheus::Registry registry_;
  rpc::Calls calls_{registry_, "auth"};
  Metrics metrics_{registry_};
  Approvals approvals_{{.accounts = accounts_,
                        .logins = logins_,
                        .vault = vault_,
                        .states = states_,
                        .board = board_,
                        .market = token_clock_}};
  MemoryAuditStore audit_;
  ActLog acts_{audit_};
  AuthService service_{logins_, approvals_, board_, calls_, metrics_, &acts_};
  VaultService vault_service_{vault_, calls_, &acts_};
  rpc::Server server_;
  std::unique_ptr<v1alpha1::AuthService::Stub> stub_;
};

TEST_F(AuthServiceTest, NotesWhatChangesALoginAndNoSecret) {
  const std::string canary = "canary.token.51c7";
  ASSERT_EQ(LogIn(canary), "");
  v1alpha1::SubmitTokenRequest submit;
  submit.set_access_token(canary);
  v1alpha1::TokenStatus status;
  ASSERT_EQ(Call(&v1alpha1::AuthService::Stub::SubmitToken, submit, status), "");
  submit.set_access_token("refused");
  ASSERT_NE(Call(&v1alpha1::AuthService::Stub::SubmitToken, submit, status), "");
  {
    grpc::ClientContext context;
    rpc::Prepare(context, 10s, "auth-test");
    rpc::SetActor(context, "0123456789abcdef");
    ASSERT_TRUE(stub_->Logout(&context, {}, &status).ok());
  }
  audit_.SetDown(true);
  EXPECT_FALSE(acts_.Flush()) << "a login does not wait for it";
  audit_.SetDown(false);
  ASSERT_TRUE(acts_.Flush());
  const auto rows = *audit_.ReadUp(0, 10);
  std::vector<std::string> said;
  for (const AuditRow& row : rows) {
    said.push_back(row.act.actor + " " + row.act.action + " " + row.act.subject);
    EXPECT_EQ(row.act.detail.find(canary), std::string::npos);
    EXPECT_NE(row.act.detail.find("auth-test"), std::string::npos) << "the request id";
  }
  EXPECT_EQ(said,
            (std::vector<std::string>{"local login.completed main", "local token.submitted main",
                                      "0123456789abcdef account.logged_out main"}));
}

/// A WatchToken call and what it brought.
class Watch {
 public:
  explicit Watch(v1alpha1::AuthService::Stub& stub, const std::string& account = "") {
    v1alpha1::WatchTokenRequest request;
    request.set_account_id(account);
    reader_ = stub.WatchToken(&context_, request);
  }
  ~Watch() {
    if (!finished_) {
      context_.TryCancel();
      (void)End();
    }
  }
  /// The next token's text, or why there is none, or "end".
  std::string Next() {
    v1alpha1::TokenEvent event;
    if (!reader_->Read(&event)) return "end";
    return event.has_token() ? event.token().access_token() : event.gone().reason();
  }
  std::string End() {
    finished_ = true;
    v1alpha1::TokenEvent event;
    while (reader_->Read(&event)) {
    }
    const auto status = reader_->Finish();
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1alpha1::TokenEvent>> reader_;
  bool finished_ = false;
};

TEST_F(AuthServiceTest, LogsInAndHandsTheTokenOut) {
  v1alpha1::Token token;
  EXPECT_EQ(GetToken(token), "TOKEN_MISSING");
  ASSERT_EQ(LogIn("first"), "");
  ASSERT_EQ(GetToken(token), "");
  EXPECT_EQ(token.access_token(), "first");
  EXPECT_EQ(token.account_id(), "main");
  EXPECT_EQ(token.kind(), v1alpha1::TOKEN_KIND_ACCESS);
  EXPECT_GT(token.version(), 0U);
  EXPECT_TRUE(token.simulated());
  v1alpha1::TokenStatus status;
  ASSERT_EQ(Call(&v1alpha1::AuthService::Stub::GetStatus, v1alpha1::GetStatusRequest{}, status),
            "");
  EXPECT_EQ(status.state(), v1alpha1::LOGIN_STATE_LOGGED_IN);
  EXPECT_EQ(status.broker_user_id(), "4ABC");
  EXPECT_EQ(status.seconds_to_expiry(), 18 * 3'600);
  EXPECT_TRUE(status.simulated());
}

TEST_F(AuthServiceTest, GivesReasonsForEveryRefusal) {
  v1alpha1::TokenStatus status;
  v1alpha1::CompleteLoginRequest complete;
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::CompleteLogin, complete, status), "STATE_MISSING");
  complete.set_state("made-up");
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::CompleteLogin, complete, status), "CODE_MISSING");
  complete.set_code("x");
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::CompleteLogin, complete, status), "STATE_UNKNOWN");

  v1alpha1::SubmitTokenRequest submit;
  submit.set_access_token("a b");
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::SubmitToken, submit, status), "TOKEN_MALFORMED");
  submit.set_access_token("unknown");
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::SubmitToken, submit, status), "TOKEN_REJECTED");
  submit.set_kind(static_cast<v1alpha1::TokenKind>(77));
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::SubmitToken, submit, status), "TOKEN_KIND_UNKNOWN");

  v1alpha1::GetTokenRequest get;
  v1alpha1::Token token;
  get.set_use(static_cast<v1alpha1::TokenUse>(77));
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::GetToken, get, token), "TOKEN_USE_UNKNOWN");
  get.set_account_id("other");
  get.set_use(v1alpha1::TOKEN_USE_ORDERS);
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::GetToken, get, token), "ACCOUNT_UNKNOWN");
}

TEST_F(AuthServiceTest, AsksForConsentAndTakesTheBrokersNotice) {
  broker_.AnswerApproval({.expires_ms = 0, .notifier_url = "https://me.example/elsewhere"});
  v1alpha1::RequestApprovalRequest ask;
  v1alpha1::RequestApprovalResponse asked;
  ASSERT_EQ(Call(&v1alpha1::AuthService::Stub::RequestApproval, ask, asked), "");
  EXPECT_EQ(asked.account_id(), "main");
  EXPECT_FALSE(asked.pending_before());
  EXPECT_TRUE(asked.notifier_differs());
  ASSERT_EQ(Call(&v1alpha1::AuthService::Stub::RequestApproval, ask, asked), "");
  EXPECT_TRUE(asked.pending_before());
  ask.set_account_id("other");
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::RequestApproval, ask, asked), "ACCOUNT_UNKNOWN");

  Watch watch{*stub_};
  EXPECT_EQ(watch.Next(), "TOKEN_MISSING");
  broker_.AddToken("day");
  v1alpha1::DeliverTokenRequest notice;
  v1alpha1::TokenStatus status;
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::DeliverToken, notice, status), "NOTIFIER_UNKNOWN");
  notice.set_notifier_key("notifier");
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::DeliverToken, notice, status), "NOTICE_MALFORMED");
  notice.set_message_type("access_token");
  notice.set_token_type("Bearer");
  notice.set_access_token("day");
  notice.set_client_id("another");
  notice.set_user_id("4ABC");
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::DeliverToken, notice, status), "NOTICE_MISMATCH");
  notice.set_client_id("key");
  ASSERT_EQ(Call(&v1alpha1::AuthService::Stub::DeliverToken, notice, status), "");
  EXPECT_EQ(status.broker_user_id(), "4ABC");
  EXPECT_EQ(watch.Next(), "day");
}

TEST_F(AuthServiceTest, RotatesTheVault) {
  ASSERT_EQ(LogIn("first"), "");
  const auto stub = v1alpha1::VaultService::NewStub(
      *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
  const auto rotate = [&](v1alpha1::RotateVaultResponse& done) {
    grpc::ClientContext context;
    rpc::Prepare(context, 10s, "auth-test");
    const auto status = stub->RotateVault(&context, {}, &done);
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  };
  v1alpha1::RotateVaultResponse done;
  ASSERT_EQ(rotate(done), "");
  EXPECT_EQ(done.current(), 1);
  EXPECT_EQ(done.key_ids(0), "memory");
  vault_.SetDown(true);
  EXPECT_EQ(rotate(done), "VAULT_DOWN");
}

TEST_F(AuthServiceTest, WithoutTheVaultRefusesLoginsAndServesTheToken) {
  ASSERT_EQ(LogIn("kept"), "");
  vault_.SetDown(true);
  v1alpha1::BeginLoginResponse begun;
  EXPECT_EQ(Call(&v1alpha1::AuthService::Stub::BeginLogin, v1alpha1::BeginLoginRequest{}, begun),
            "VAULT_DOWN");
  v1alpha1::Token token;
  EXPECT_EQ(GetToken(token), "");
  vault_.SetDown(false);
  EXPECT_EQ(LogIn("next"), "");
}

TEST_F(AuthServiceTest, WatchPushesTheTokenThenEveryChange) {
  ASSERT_EQ(LogIn("first"), "");
  Watch watch{*stub_};
  EXPECT_EQ(watch.Next(), "first");
  ASSERT_EQ(LogIn("second"), "");
  EXPECT_EQ(watch.Next(), "second");
  clock_.Advance(18h);
  ASSERT_TRUE(logins_.Refresh());
  EXPECT_EQ(watch.Next(), "TOKEN_EXPIRED");
  ASSERT_EQ(LogIn("third"), "");
  EXPECT_EQ(watch.Next(), "third");
  v1alpha1::TokenStatus status;
  ASSERT_EQ(Call(&v1alpha1::AuthService::Stub::Logout, v1alpha1::LogoutRequest{}, status), "");
  EXPECT_EQ(status.state(), v1alpha1::LOGIN_STATE_LOGGED_OUT);
  EXPECT_EQ(watch.Next(), "LOGGED_OUT");
}

TEST_F(AuthServiceTest, WatchSeesTheLoginOfAnotherReplica) {
  Watch watch{*stub_};
  EXPECT_EQ(watch.Next(), "TOKEN_MISSING");
  ASSERT_TRUE(vault_.Write(
      "main", {.text = Secret{"theirs"}, .expires_ms = clock_.UtcNs() / 1'000'000 + 60'000}));
  ASSERT_TRUE(logins_.Refresh());
  EXPECT_EQ(watch.Next(), "theirs");
}

TEST_F(AuthServiceTest, WatchOfAnUnknownAccountEnds) {
  Watch watch{*stub_, "other"};
  EXPECT_EQ(watch.Next(), "end");
  EXPECT_EQ(watch.End(), "ACCOUNT_UNKNOWN");
}

TEST_F(AuthServiceTest, WatchEndsWhenTheServiceStopsAndNoOtherBegins) {
  Watch watch{*stub_};
  EXPECT_EQ(watch.Next(), "TOKEN_MISSING");
  service_.Shutdown();
  EXPECT_EQ(watch.End(), "SHUTTING_DOWN");
  Watch late{*stub_};
  EXPECT_EQ(late.End(), "SHUTTING_DOWN");
}

TEST_F(AuthServiceTest, WatchOfACallerWhoLeavesIsForgotten) {
  {
    Watch watch{*stub_};
    EXPECT_EQ(watch.Next(), "TOKEN_MISSING");
    EXPECT_EQ(board_.watchers(), 1U);
  }
  EXPECT_TRUE(Eventually([&] { return board_.watchers() == 0; }));
}

TEST_F(AuthServiceTest, ManyWatchersComeAndGoWhileTokensChange) {
  auto changes = std::async(std::launch::async, [&] {
    for (int i = 0; i < 100; ++i) {
      (void)vault_.Write("main", {.text = Secret{std::to_string(i)},
                                  .expires_ms = clock_.UtcNs() / 1'000'000 + 60'000});
      (void)logins_.Refresh();
    }
  });
  std::vector<std::future<void>> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.push_back(std::async(std::launch::async, [&] {
      const auto stub = Stub();
      for (int i = 0; i < 20; ++i) {
        Watch watch{*stub};
        EXPECT_NE(watch.Next(), "end");
      }
    }));
  }
  for (auto& caller : callers) caller.get();
  changes.get();
  Watch last{*stub_};
  EXPECT_EQ(last.Next(), "99");
  EXPECT_TRUE(Eventually([&] { return board_.watchers() == 1; }));
}

}  // namespace
}  // namespace sauda::auth
