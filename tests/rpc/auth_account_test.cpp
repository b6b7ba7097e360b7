// What the broker knows of an account: from its answers to the rpcs.
#include <map>
#include <mutex>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "libs/base/clock.hpp"
#include "libs/http/server.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "services/auth/src/adapters/upstox_account.hpp"
#include "services/auth/src/adapters/upstox_refusal.hpp"
#include "services/auth/src/rpc/account_service.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/fake_broker_login.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_vault.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda::auth {
namespace {

using namespace std::chrono_literals;
namespace pb = v1alpha1;
using Stub = pb::AccountService::Stub;

/// Two accounts that are logged in, and a broker over TLS whose answers are set by path.
class AccountServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    http::ServerOptions options;
    options.tls = http::ServerTls{.certificate_pem = certificates_.certificate_pem,
                                  .key_pem = certificates_.key_pem};
    options.filter = [this](const http::Request& request) -> std::optional<http::Response> {
      const std::lock_guard lock{mutex_};
      authorization_ = request.headers.Get("Authorization");
      const auto found = answers_.find(request.path);
      if (found == answers_.end()) return http::Response::Json(404, "{}");
      return found->second;
    };
    broker_server_ = std::make_unique<http::Server>(std::move(options));
    ASSERT_TRUE(broker_server_->Start());
    const auto endpoints = *upstox::Endpoints::At(broker_server_->url());
    account_ = std::make_unique<UpstoxAccount>(
        [this, endpoints] {
          return http::Client::Make({.ca = {.pem = certificates_.ca_pem},
                                     .allowed = endpoints.ToRead(),
                                     .breaker = {.failures = 1'000}},
                                    system_clock_);
        },
        market_, endpoints, 5s);
    service_ = std::make_unique<AccountService>(logins_, *account_, calls_);
    ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {service_.get()}));
    stub_ = pb::AccountService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
    for (const char* account : {"a", "b"}) {
      broker_.AddToken(std::string{"token-"} + account);
      ASSERT_TRUE(
          logins_.Submit(account, Secret{std::string{"token-"} + account}, TokenKind::kAccess));
    }
  }
  void TearDown() override { server_.Stop(); }

  void Says(const std::string& path, int status, const std::string& body) {
    const std::lock_guard lock{mutex_};
    answers_[path] = http::Response::Json(status, body);
  }
  void Refuses(const std::string& path, int status, const std::string& code,
               const std::string& message = "no") {
    Says(path, status,
         R"({"status":"error","errors":[{"error_code":")" + code + R"(","message":")" + message +
             R"("}]})");
  }
  template <typename Request, typename Response>
  std::string Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   Response& response, const std::string& account = "a") {
    grpc::ClientContext context;
    rpc::Prepare(context, 10s, "account-test");
    Request request;
    request.set_account_id(account);
    const auto status = (stub_.get()->*method)(&context, request, &response);
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  }
  std::string Authorization() {
    const std::lock_guard lock{mutex_};
    return authorization_;
  }

  const TestCertificates certificates_ = TestCertificates::Make();
  SystemClock system_clock_;
  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  TokenClock token_clock_{market_, false};
  MemoryVault vault_;
  FakeBrokerLogin broker_{market_, clock_};
  CountingStates states_;
  TokenBoard board_{token_clock_};
  const Accounts accounts_{{{.id = "a", .broker = &broker_}, {.id = "b", .broker = &broker_}}};
  Logins logins_{{.accounts = accounts_,
                  .vault = vault_,
                  .states = states_,
                  .board = board_,
                  .market = token_clock_,
                  .clock = clock_},
                 {}};
  prometheus::Registry registry_;
  rpc::Calls calls_{registry_, "auth"};
  std::mutex mutex_;
  std::map<std::string, http::Response> answers_;  // guarded by mutex_; by path
  std::string authorization_;                      // guarded by mutex_; of the newest request
  std::unique_ptr<http::Server> broker_server_;
  std::unique_ptr<UpstoxAccount> account_;
  std::unique_ptr<AccountService> service_;
  rpc::Server server_;
  std::unique_ptr<Stub> stub_;
};

TEST_F(AccountServiceTest, AsksWithTheAccountsOwnToken) {
  Says("/v2/user/profile", 200,
       R"({"status":"success","data":{"user_id":"4ABC","is_active":true,"exchanges":["NSE"]}})");
  pb::Profile profile;
  ASSERT_EQ(Call(&Stub::GetProfile, profile, "b"), "");
  EXPECT_EQ(Authorization(), "Bearer token-b");
  EXPECT_EQ(profile.account_id(), "b");
  EXPECT_EQ(profile.user_id(), "4ABC");
  EXPECT_EQ(profile.exchanges(0), "NSE");
  EXPECT_TRUE(profile.is_active());
  ASSERT_EQ(Call(&Stub::GetProfile, profile, "a"), "");
  EXPECT_EQ(Authorization(), "Bearer token-a");
  EXPECT_EQ(Call(&Stub::GetProfile, profile, ""), "ACCOUNT_UNKNOWN") << "which of the two?";
  EXPECT_EQ(Call(&Stub::GetProfile, profile, "c"), "ACCOUNT_UNKNOWN");
}

TEST_F(AccountServiceTest, NeedsAnAccessTokenThatLives) {
  pb::Profile profile;
  clock_.Advance(18h);
  EXPECT_EQ(Call(&Stub::GetProfile, profile), "TOKEN_EXPIRED");
  ASSERT_TRUE(logins_.Logout("a"));
  EXPECT_EQ(Call(&Stub::GetProfile, profile), "TOKEN_MISSING");
  EXPECT_EQ(Authorization(), "") << "the broker was never asked";
}

TEST_F(AccountServiceTest, GivesFundsAsDecimals) {
  Says("/v2/user/get-funds-and-margin", 200,
       R"({"status":"success","data":{"equity":{"available_margin":1512.45,"used_margin":0.1}}})");
  Says("/v3/user/get-funds-and-margin", 200,
       R"({"status":"success","data":{"available_to_trade":{"total":1512.45}}})");
  pb::Funds funds;
  ASSERT_EQ(Call(&Stub::GetFunds, funds), "");
  EXPECT_EQ(funds.equity().available(), "1512.45");
  EXPECT_EQ(funds.equity().used(), "0.1");
  EXPECT_EQ(funds.commodity().available(), "0");
  ASSERT_EQ(funds.figures_size(), 1);
  EXPECT_EQ(funds.figures(0).path(), "available_to_trade.total");
  EXPECT_EQ(funds.figures(0).amount(), "1512.45");
  Refuses("/v3/user/get-funds-and-margin", 423, "UDAPI100072");
  EXPECT_EQ(Call(&Stub::GetFunds, funds), "FUNDS_CLOSED");
}

TEST_F(AccountServiceTest, ComparesAddressesWithWhatTheBrokerSays) {
  pb::StaticIp ip;
  Says("/v2/user/ip", 200, R"({"status":"success","data":{"primary_ip":"203.0.113.7"}})");
  ASSERT_EQ(Call(&Stub::GetStaticIp, ip), "");
  EXPECT_EQ(ip.primary_ip(), "203.0.113.7");
  EXPECT_EQ(ip.verdict(), pb::IP_VERDICT_UNKNOWN);
  Says("/v2/user/ip", 200, R"({"status":"success","data":{"primary_ip":null}})");
  ASSERT_EQ(Call(&Stub::GetStaticIp, ip), "");
  EXPECT_EQ(ip.verdict(), pb::IP_VERDICT_NONE_REGISTERED);
  Refuses("/v2/user/ip", 403, "UDAPI1154", "not from 198.51.100.9.");
  ASSERT_EQ(Call(&Stub::GetStaticIp, ip), "");
  EXPECT_EQ(ip.seen_ip(), "198.51.100.9");
  EXPECT_EQ(ip.verdict(), pb::IP_VERDICT_DIFFERS);
}

TEST_F(AccountServiceTest, ShowsTheBrokersKillSwitch) {
  Says("/v2/user/kill-switch", 200,
       R"({"status":"success","data":[
           {"segment":"NSE_EQ","segment_status":"ACTIVE","kill_switch_enabled":false},
           {"segment":"NSE_FO","segment_status":"INACTIVE","kill_switch_enabled":true}]})");
  pb::KillSwitch all;
  ASSERT_EQ(Call(&Stub::GetKillSwitch, all), "");
  ASSERT_EQ(all.segments_size(), 2);
  EXPECT_TRUE(all.segments(0).active());
  EXPECT_FALSE(all.segments(0).killed());
  EXPECT_FALSE(all.segments(1).active());
  EXPECT_TRUE(all.segments(1).killed());
}

struct RefusalCase {
  std::string name;
  int status = 0;
  std::string code;
  std::string reason;
};
class RefusalTest : public AccountServiceTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, SaysWhy) {
  Refuses("/v2/user/profile", GetParam().status, GetParam().code);
  pb::Profile profile;
  EXPECT_EQ(Call(&Stub::GetProfile, profile), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Broker, RefusalTest,
    testing::Values(RefusalCase{"Token", 401, "UDAPI100050", "TOKEN_REJECTED"},
                    RefusalCase{"Inactive", 401, "UDAPI100073", "CLIENT_INACTIVE"},
                    RefusalCase{"Address", 403, "UDAPI1154", "STATIC_IP_REFUSED"},
                    RefusalCase{"Plan", 403, "UDAPI100049", "BROKER_REFUSED"},
                    RefusalCase{"Down", 503, "UDAPI100500", "BROKER_DOWN"},
                    RefusalCase{"TooMany", 429, "UDAPI10005", "BROKER_DOWN"}),
    CaseName{});

struct AddressCase {
  std::string name;
  std::string text;
  std::string address;
};
class AddressTest : public testing::TestWithParam<AddressCase> {};

TEST_P(AddressTest, IsFoundInTheBrokersText) {
  EXPECT_EQ(AddressIn(GetParam().text), GetParam().address);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, AddressTest,
    testing::Values(AddressCase{"None", "the broker answered 403 UDAPI1154: no", ""},
                    AddressCase{"Empty", "", ""},
                    AddressCase{"Four", "from 198.51.100.9, not", "198.51.100.9"},
                    AddressCase{"AtTheEnd", "from 198.51.100.9.", "198.51.100.9"},
                    AddressCase{"Six", "address 2001:db8::7: refused", "2001:db8::7"},
                    AddressCase{"NotOne", "version 1.2.3 of 10:30", ""}),
    CaseName{});

struct VerdictCase {
  std::string name;
  RegisteredIp ip;
  IpVerdict verdict = IpVerdict::kUnknown;
};
class VerdictTest : public testing::TestWithParam<VerdictCase> {};

TEST_P(VerdictTest, Follows) { EXPECT_EQ(Judge(GetParam().ip), GetParam().verdict); }
INSTANTIATE_TEST_SUITE_P(
    Addresses, VerdictTest,
    testing::Values(
        VerdictCase{"NothingKnown", {}, IpVerdict::kNoneRegistered},
        VerdictCase{"Registered", {.primary = "1.1.1.1"}, IpVerdict::kUnknown},
        VerdictCase{"SeenThere", {.primary = "1.1.1.1", .seen = "1.1.1.1"}, IpVerdict::kMatches},
        VerdictCase{
            "SeenAtTheSecond", {.secondary = "2.2.2.2", .seen = "2.2.2.2"}, IpVerdict::kMatches},
        VerdictCase{
            "SeenElsewhere", {.primary = "1.1.1.1", .seen = "2.2.2.2"}, IpVerdict::kDiffers},
        VerdictCase{"Refused", {.primary = "1.1.1.1", .refused = true}, IpVerdict::kDiffers}),
    CaseName{});

}  // namespace
}  // namespace sauda::auth
