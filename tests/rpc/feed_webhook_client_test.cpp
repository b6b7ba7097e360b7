// Deliveries to real HTTP servers of this machine.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "libs/http/server.hpp"
#include "services/feed/src/adapters/http_webhook_client.hpp"
#include "services/feed/src/config.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda::feed {
namespace {

using std::chrono::milliseconds;

constexpr const char* kSecret = "a secret's long enough";

Alert SomeAlert() {
  AlertRule rule{.id = "above",
                 .instrument_key = "NSE_FO|51510",
                 .measure = Measure::kChangePercent,
                 .level = 2.5,
                 .note = "it's \"quoted\""};
  return {.number = 7,
          .firing = {.rule = std::make_shared<const AlertRule>(rule),
                     .value = 2.75,
                     .at_ns = 1'765'771'200'000'000'001,
                     .seq = 9'007'199'254'740'993,
                     .simulated = true}};
}

/// A receiver that keeps the last request and answers with `status`.
class Receiver {
 public:
  explicit Receiver(std::optional<http::ServerTls> tls = std::nullopt)
      : server_{{.tls = std::move(tls)}} {
    server_.Route("POST", "/hook", [this](const http::Request& request, const auto& respond) {
      const std::lock_guard lock{mutex_};
      last_ = request;
      ++calls_;
      if (status_ == 0) {  // never
        kept_.push_back(respond);
        return;
      }
      http::Response answer = http::Response::Text(status_, body_);
      if (status_ == 429) answer.headers.Set("Retry-After", "180");
      if (status_ == 302) answer.headers.Set("Location", "/elsewhere");
      respond(std::move(answer));
    });
    const auto started = server_.Start();
    EXPECT_TRUE(started);
  }
  Webhook webhook() const { return {"desk", server_.url() + "/hook", Secret{kSecret}}; }
  std::string url() const { return server_.url(); }
  void Answer(int status, const std::string& body = "thanks") {
    const std::lock_guard lock{mutex_};
    status_ = status;
    body_ = body;
  }
  http::Request last() const {
    const std::lock_guard lock{mutex_};
    return last_;
  }
  int calls() const { return calls_; }

 private:
  mutable std::mutex mutex_;
  http::Request last_;               // guarded by mutex_
  int status_ = 200;                 // guarded by mutex_
  std::string body_ = "thanks";      // guarded by mutex_
  std::vector<http::Respond> kept_;  // guarded by mutex_
  std::atomic<int> calls_{0};
  http::Server server_;
};

class WebhookClientTest : public testing::Test {
 protected:
  HttpWebhookClient MakeClient(const std::string& ca_file = "",
                               milliseconds deadline = milliseconds{5'000}) {
    return HttpWebhookClient{
        {.instance = "run1", .account_id = "main", .ca_file = ca_file, .deadline = deadline},
        clock_};
  }
  ManualClock clock_;
};

TEST_F(WebhookClientTest, DeliversSignedJson) {
  const Receiver receiver;
  HttpWebhookClient client = MakeClient();
  const auto called = client.Call(receiver.webhook(), SomeAlert());
  ASSERT_TRUE(called) << called.error().error.message;
  const http::Request request = receiver.last();
  EXPECT_EQ(request.headers.Get("Content-Type"), "application/json");
  EXPECT_EQ(request.headers.Get("X-Sauda-Delivery"), "run1-7");
  EXPECT_EQ(request.headers.Get("X-Sauda-Timestamp"), "1765771200");
  EXPECT_EQ(request.headers.Get("X-Sauda-Signature"),
            SignWebhook(Secret{kSecret}, "1765771200", request.body));
  const auto body = nlohmann::json::parse(request.body);
  EXPECT_EQ(body, (nlohmann::json{{"delivery", "run1-7"},
                                  {"account_id", "main"},
                                  {"alert_id", "above"},
                                  {"instrument", "NSE_FO|51510"},
                                  {"measure", "CHANGE_PERCENT"},
                                  {"direction", "ABOVE"},
                                  {"level", 2.5},
                                  {"value", 2.75},
                                  {"at_ns", "1765771200000000001"},
                                  {"tick_seq", "9007199254740993"},
                                  {"simulated", true},
                                  {"note", "it's \"quoted\""}}));
  EXPECT_EQ(request.body.find(kSecret), std::string::npos);
}

TEST_F(WebhookClientTest, EveryAttemptIsSignedAnewUnderTheSameDelivery) {
  Receiver receiver;
  HttpWebhookClient client = MakeClient();
  receiver.Answer(503);
  EXPECT_FALSE(client.Call(receiver.webhook(), SomeAlert()));
  const http::Request first = receiver.last();
  receiver.Answer(204);
  clock_.Advance(std::chrono::seconds{30});
  ASSERT_TRUE(client.Call(receiver.webhook(), SomeAlert()));
  const http::Request second = receiver.last();
  EXPECT_EQ(first.headers.Get("X-Sauda-Delivery"), second.headers.Get("X-Sauda-Delivery"));
  EXPECT_NE(first.headers.Get("X-Sauda-Signature"), second.headers.Get("X-Sauda-Signature"));
}

// Reckoned with another library: hmac.new(b"key", b"1.body", "sha256") of Python.
TEST_F(WebhookClientTest, TheSignatureIsThatOfHmacSha256) {
  EXPECT_EQ(SignWebhook(Secret{"key"}, "1", "body"),
            "v1=91b5374b153842ad05b2c4eab9349b8321b14703165bd3fb8b034dfb8be98ae5");
}

struct Answer {
  std::string name;
  int status;
  std::optional<Code> failure;
};
class WebhookAnswerTest : public WebhookClientTest, public testing::WithParamInterface<Answer> {};

TEST_P(WebhookAnswerTest, SaysWhetherToTryAgain) {
  Receiver receiver;
  receiver.Answer(GetParam().status);
  HttpWebhookClient client = MakeClient();
  const auto called = client.Call(receiver.webhook(), SomeAlert());
  ASSERT_EQ(called.has_value(), !GetParam().failure);
  EXPECT_TRUE(called || called.error().error.code == *GetParam().failure);
  EXPECT_EQ(receiver.calls(), 1) << "nothing is followed or repeated";
}

INSTANTIATE_TEST_SUITE_P(Statuses, WebhookAnswerTest,
                         testing::Values(Answer{"Ok", 200, {}}, Answer{"NoContent", 204, {}},
                                         Answer{"Redirect", 302, Code::kFailedPrecondition},
                                         Answer{"BadRequest", 400, Code::kFailedPrecondition},
                                         Answer{"Unauthorized", 401, Code::kFailedPrecondition},
                                         Answer{"Gone", 410, Code::kFailedPrecondition},
                                         Answer{"Timeout", 408, Code::kUnavailable},
                                         Answer{"TooMany", 429, Code::kUnavailable},
                                         Answer{"Broken", 500, Code::kUnavailable},
                                         Answer{"Away", 503, Code::kUnavailable}),
                         CaseName{});

TEST_F(WebhookClientTest, WhileTheHostWantsAPauseNobodyIsCalled) {
  Receiver receiver;
  HttpWebhookClient client = MakeClient();
  receiver.Answer(429);
  const auto limited = client.Call(receiver.webhook(), SomeAlert());
  ASSERT_FALSE(limited);
  EXPECT_FALSE(limited.error().not_before) << "that was an attempt";
  const auto put_off = client.Call(receiver.webhook(), SomeAlert());
  ASSERT_FALSE(put_off);
  EXPECT_EQ(put_off.error().not_before, clock_.Now() + std::chrono::seconds{180});
  EXPECT_EQ(put_off.error().error.message, "not called: RATE_LIMITED");
  EXPECT_EQ(receiver.calls(), 1);
}

TEST_F(WebhookClientTest, AHostThatKeepsFailingIsLeftAloneForAWhile) {
  Receiver receiver;
  HttpWebhookClient client = MakeClient();
  receiver.Answer(500);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(client.Call(receiver.webhook(), SomeAlert()).error().not_before);
  }
  const auto put_off = client.Call(receiver.webhook(), SomeAlert());
  ASSERT_FALSE(put_off);
  EXPECT_EQ(put_off.error().not_before, clock_.Now() + std::chrono::seconds{10});
  EXPECT_EQ(receiver.calls(), 5);
}

TEST_F(WebhookClientTest, ALongAnswerIsAnAnswer) {
  Receiver receiver;
  HttpWebhookClient client = MakeClient();
  for (const std::size_t bytes : {65'536U, 65'537U, 1'000'000U}) {
    receiver.Answer(200, std::string(bytes, 'x'));
    EXPECT_TRUE(client.Call(receiver.webhook(), SomeAlert())) << bytes;
  }
  receiver.Answer(500, std::string(1'000'000, 'x'));
  EXPECT_FALSE(client.Call(receiver.webhook(), SomeAlert()));
  EXPECT_EQ(receiver.calls(), 4);
}

TEST_F(WebhookClientTest, NoAnswerMayPassAndTellsNoSecret) {
  Receiver receiver;
  receiver.Answer(0);
  HttpWebhookClient client = MakeClient("", milliseconds{50});
  const auto silent = client.Call(receiver.webhook(), SomeAlert());
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().error.code, Code::kDeadlineExceeded);
  const Webhook nobody{"desk", "http://127.0.0.1:1/token=canary", Secret{kSecret}};
  const auto refused = client.Call(nobody, SomeAlert());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, Code::kUnavailable);
  for (const Error& error : {silent.error().error, refused.error().error}) {
    EXPECT_EQ(error.message.find(kSecret), std::string::npos);
    EXPECT_EQ(error.message.find("canary"), std::string::npos);
  }
}

TEST_F(WebhookClientTest, TlsIsVerifiedAgainstTheGivenAuthority) {
  const TestCertificates certificates = TestCertificates::Make();
  const Receiver receiver{http::ServerTls{.certificate_pem = certificates.certificate_pem,
                                          .key_pem = certificates.key_pem}};
  const test::TempFolder folder;
  const std::string ca_file = folder.path() + "/ca.pem";
  std::ofstream{ca_file} << certificates.ca_pem;
  EXPECT_TRUE(MakeClient(ca_file).Call(receiver.webhook(), SomeAlert()));
  const auto stranger = MakeClient().Call(receiver.webhook(), SomeAlert());
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().error.reason, "TLS_FAILED");
  EXPECT_EQ(receiver.calls(), 1);
}

TEST_F(WebhookClientTest, AnAuthorityThatCannotBeReadMayPass) {
  const TestCertificates certificates = TestCertificates::Make();
  const Receiver receiver{http::ServerTls{.certificate_pem = certificates.certificate_pem,
                                          .key_pem = certificates.key_pem}};
  const test::TempFolder folder;
  const std::string ca_file = folder.path() + "/ca.pem";
  HttpWebhookClient client = MakeClient(ca_file);
  const auto failed = client.Call(receiver.webhook(), SomeAlert());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error.code, Code::kUnavailable);
  EXPECT_EQ(failed.error().error.reason, "TLS_INVALID");
  std::ofstream{ca_file} << certificates.ca_pem;
  EXPECT_TRUE(client.Call(receiver.webhook(), SomeAlert()));
}

TEST(WebhookCaFileTest, IsReadAtTheStart) {
  const test::TempFolder folder;
  const std::string good = folder.path() + "/good.pem";
  std::ofstream{good} << TestCertificates::Make().ca_pem;
  const std::string bad = folder.path() + "/bad.pem";
  std::ofstream{bad} << "no certificate";
  for (const auto& [file, fits] : std::map<std::string, bool>{
           {"", true}, {good, true}, {bad, false}, {folder.path() + "/none.pem", false}}) {
    Config config;
    Settings settings{"feed", "sauda-feed", "a test"};
    config.Declare(settings);
    const auto parsed =
        settings.Parse({"--webhook-ca-file", file}, [](const auto&) { return std::nullopt; });
    const std::string problems = parsed ? "" : parsed.error().message;
    EXPECT_EQ(problems.find("webhook-ca-file") == std::string::npos, fits) << file << problems;
  }
}

TEST_F(WebhookClientTest, PlainBeyondThisMachineIsNeverSpoken) {
  const auto called = MakeClient().Call({"desk", "http://10.1.2.3/", Secret{kSecret}}, SomeAlert());
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().error.code, Code::kPermissionDenied);
}

}  // namespace
}  // namespace sauda::feed
