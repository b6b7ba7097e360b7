#include "services/auth/src/adapters/upstox_login.hpp"

#include <mutex>

#include <gtest/gtest.h>

#include "libs/base/clock.hpp"
#include "libs/http/server.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda::auth {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMarketMs = 1'765'771'200'000;

struct Answer {
  std::string name;
  int status = 200;
  std::string body;
  std::string reason;  // none: it is taken
};

std::string Refusal(const std::string& code) {
  return R"({"status":"error","errors":[{"errorCode":")" + code + R"(","message":"no"}]})";
}

/// A broker over TLS that gives the same answer to everything.
class UpstoxLoginTest : public testing::TestWithParam<Answer> {
 protected:
  void SetUp() override {
    http::ServerOptions options;
    options.tls = http::ServerTls{.certificate_pem = certificates_.certificate_pem,
                                  .key_pem = certificates_.key_pem};
    options.filter = [this](const http::Request&) -> std::optional<http::Response> {
      const std::lock_guard lock{mutex_};
      return http::Response::Json(answer_.status, answer_.body);
    };
    options.decorate = [](const http::Request&, http::Response& response) {
      response.headers.Set("X-Sauda-Market-Time", std::to_string(kMarketMs));
      response.headers.Set("X-Sauda-Market-Speed", "0");
      response.headers.Set("X-Sauda-Simulated", "1");
    };
    server_ = std::make_unique<http::Server>(std::move(options));
    ASSERT_TRUE(server_->Start());
    login_ = Make("sim-key");
  }
  std::unique_ptr<UpstoxLogin> Make(const std::string& api_key) {
    const auto endpoints = *upstox::Endpoints::At(server_->url());
    return std::make_unique<UpstoxLogin>(
        [this, endpoints] {
          return http::Client::Make(
              {.ca = {.pem = certificates_.ca_pem}, .allowed = endpoints.ToRead()}, clock_);
        },
        market_,
        UpstoxLogin::Options{.endpoints = endpoints,
                             .api_key = api_key,
                             .api_secret = Secret{"canary-secret"},
                             .redirect_uri = "http://127.0.0.1/cb?x=1",
                             .deadline = 5s});
  }
  void Says(int status, const std::string& body) {
    const std::lock_guard lock{mutex_};
    answer_ = {.status = status, .body = body};
  }

  const TestCertificates certificates_ = TestCertificates::Make();
  SystemClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kBroker};
  std::mutex mutex_;
  Answer answer_;  // guarded by mutex_
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<UpstoxLogin> login_;
};

TEST_F(UpstoxLoginTest, TradesACodeForATokenAndLearnsTheTime) {
  Says(200,
       R"({"user_id":"4ABC","access_token":"day","extended_token":"long","exchanges":["NSE"]})");
  const auto session = login_->Exchange(Secret{"code"});
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->access_token.Reveal(), "day");
  EXPECT_EQ(session->extended_token->Reveal(), "long");
  EXPECT_EQ(session->user_id, "4ABC");
  EXPECT_TRUE(session->simulated);
  EXPECT_EQ(market_.NowMs(), kMarketMs);
}

TEST_F(UpstoxLoginTest, SendsThePersonToTheDialogWithTheState) {
  const auto url = login_->DialogUrl("state-1");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_NE(url->find("client_id=sim-key"), std::string::npos) << *url;
  EXPECT_NE(url->find("state=state-1"), std::string::npos) << *url;
  EXPECT_NE(url->find("redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb%3Fx%3D1"), std::string::npos)
      << *url;
  EXPECT_EQ(url->find("canary"), std::string::npos) << *url;
}

TEST_F(UpstoxLoginTest, NeedsCredentialsForACodeLoginOnly) {
  const auto bare = Make("");
  EXPECT_EQ(bare->DialogUrl("s").error().reason, "CREDENTIALS_MISSING");
  EXPECT_EQ(bare->Exchange(Secret{"c"}).error().reason, "CREDENTIALS_MISSING");
  Says(200, R"({"status":"success","data":{"user_id":"4ABC"}})");
  EXPECT_EQ(bare->Prove(Secret{"token"}, TokenKind::kAccess)->user_id, "4ABC");
}

TEST_F(UpstoxLoginTest, TakesAnUnknownTokenForLoggedOut) {
  Says(401, Refusal("UDAPI100050"));
  EXPECT_TRUE(login_->Logout(Secret{"token"}));
  EXPECT_EQ(login_->Prove(Secret{"token"}, TokenKind::kAccess).error().reason, "TOKEN_REJECTED");
  Says(403, Refusal("UDAPI1154"));
  EXPECT_EQ(login_->Logout(Secret{"token"}).error().reason, "BROKER_DOWN") << "it may live there";
  Says(500, Refusal("UDAPI100500"));
  EXPECT_EQ(login_->Logout(Secret{"token"}).error().reason, "BROKER_DOWN");
  EXPECT_EQ(login_->Prove(Secret{"token"}, TokenKind::kAccess).error().reason, "BROKER_DOWN");
}

TEST_F(UpstoxLoginTest, PingsWhateverTheStatusAndNoticesNobody) {
  Says(404, "");
  EXPECT_TRUE(login_->Ping());
  EXPECT_EQ(market_.NowMs(), kMarketMs);
  server_.reset();
  EXPECT_EQ(login_->Ping().error().reason, "BROKER_DOWN");
  EXPECT_EQ(login_->Exchange(Secret{"code"}).error().reason, "BROKER_DOWN");
}

TEST_F(UpstoxLoginTest, TriesAgainWhenTheClientCouldNotBeMade) {
  int tries = 0;
  UpstoxLogin login{[&]() -> Result<std::unique_ptr<http::Client>> {
                      ++tries;
                      return Error{Code::kInvalidArgument, "TLS_INVALID", "no such file yet"};
                    },
                    market_,
                    {}};
  EXPECT_EQ(login.Ping().error().reason, "BROKER_DOWN");
  EXPECT_EQ(login.Ping().error().reason, "BROKER_DOWN");
  EXPECT_EQ(tries, 2);
}

TEST_P(UpstoxLoginTest, TellsWhyAnExchangeFailed) {
  Says(GetParam().status, GetParam().body);
  const auto session = login_->Exchange(Secret{"canary-code"});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().reason, GetParam().reason) << session.error().message;
  EXPECT_EQ(session.error().message.find("canary"), std::string::npos) << session.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Exchange, UpstoxLoginTest,
    testing::Values(Answer{"Code", 400, Refusal("UDAPI1022"), "CODE_REJECTED"},
                    Answer{"ClientId", 400, Refusal("UDAPI1017"), "CREDENTIALS_REJECTED"},
                    Answer{"Redirect", 400, Refusal("UDAPI1018"), "REDIRECT_REJECTED"},
                    Answer{"Secret", 400, Refusal("UDAPI1024"), "CREDENTIALS_REJECTED"},
                    Answer{"Mismatch", 400, Refusal("UDAPI100068"), "REDIRECT_REJECTED"},
                    Answer{"Inactive", 401, Refusal("UDAPI100073"), "CLIENT_INACTIVE"},
                    Answer{"InactiveAsBadRequest", 400, Refusal("UDAPI100073"), "CLIENT_INACTIVE"},
                    Answer{"AnotherAddress", 403, Refusal("UDAPI1154"), "STATIC_IP_REFUSED"},
                    Answer{"NoActiveSegment", 401,
                           R"({"errors":[{"message":"No Segments are active for this user"}]})",
                           "NO_ACTIVE_SEGMENT"},
                    Answer{"BadCredentials", 401, Refusal("UDAPI100016"), "CREDENTIALS_REJECTED"},
                    Answer{"UnknownCode", 401, Refusal("UDAPI9"), "CREDENTIALS_REJECTED"},
                    Answer{"TooMany", 429, Refusal("UDAPI10005"), "BROKER_DOWN"},
                    Answer{"Maintenance", 503, "<html>", "BROKER_DOWN"},
                    Answer{"NoToken", 200, R"({"user_id":"4ABC"})", "BROKER_DOWN"},
                    Answer{"NotJson", 200, "<html>", "BROKER_DOWN"}),
    CaseName{});

}  // namespace
}  // namespace sauda::auth
