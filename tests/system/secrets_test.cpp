// No secret leaves its place: canaries are planted in every one, and every log, answer, metrics
// page and row of the stores is searched for them in four spellings.

#include <sstream>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/channel.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

constexpr std::size_t kKeySecretLength = 43;
constexpr std::size_t kKeyLength = 6 + 16 + 1 + kKeySecretLength;  // sauda_<id>_<secret>
const std::string kApiSecret = "canary+secret/\"0f9a";
const std::string kNotifierKey = "canary-notifier-key-0123456789abcdef";

std::string UrlEncoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      out += c;
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 0xfU];
    }
  }
  return out;
}

std::string JsonEscaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '/') out += '\\';
    out += c;
  }
  return out;
}

/// Without the last group, which what follows in the text would change.
std::string Base64(const std::string& text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
    const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(text[i + n]); };
    const unsigned group = byte(0) << 16U | byte(1) << 8U | byte(2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) out += kDigits[group >> shift & 63U];
  }
  return out;
}

void ExpectNone(const std::string& where, const std::string& text, const std::string& secret) {
  for (const auto& spelling : {secret, UrlEncoded(secret), JsonEscaped(secret), Base64(secret)}) {
    if (spelling.size() < 8) continue;
    const auto found = text.find(spelling);
    EXPECT_EQ(found, std::string::npos)
        << where << " shows a secret: " << text.substr(found < 80 ? 0 : found - 80, 120);
  }
}

class SecretsTest : public testing::Test {
 protected:
  SecretsTest()
      : stack_{{.simulator = {},
                .environment = {{"UPSTOX_API_SECRET", kApiSecret},
                                {"UPSTOX_NOTIFIER_KEY", kNotifierKey},
                                {"SAUDA_SIM_API_SECRET", kApiSecret},
                                {"SAUDA_LOG_LEVEL", "debug"}}}} {}

  /// The broker's token, from the one place that hands it out.
  std::string AccessToken() const {
    const auto stub =
        auth::v1alpha1::AuthService::NewStub(*rpc::Connect(stack_.Address("auth"), {}));
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "secrets-test");
    auth::v1alpha1::Token token;
    const auto status = stub->GetToken(&context, {}, &token);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return token.access_token();
  }

  /// Everything that anyone may see.
  std::string Everything() {
    std::string all;
    for (const auto& name : Stack::ServiceNames()) {
      all += stack_.Log(name);
      all += RunCommand({.arguments = {"curl", "-s", "--max-time", "10",
                                       "http://" + stack_.MetricsAddress(name) + "/metrics"}})
                 .output;
    }
    for (const char* path :
         {"/api/v1/auth/status", "/readyz", "/healthz", "/", "/api/v1/market/market-feed/status"}) {
      all += stack_.Get(path).body;
    }
    return all;
  }
  /// Every row of every schema, as text.
  std::string Rows() {
    const auto dump = RunCommand({.arguments = {"/usr/lib/postgresql/15/bin/pg_dump", "--data-only",
                                                "--dbname", stack_.DatabaseUrl()}});
    EXPECT_EQ(dump.exit_code, 0) << dump.output;
    EXPECT_NE(dump.output.find("COPY "), std::string::npos) << "there are rows";
    return dump.output;
  }
  Stack stack_;
};

TEST_F(SecretsTest, StayOutOfLogsAnswersMetricsAndStores) {
  stack_.StartAll();
  stack_.LogIn();
  (void)stack_.SyncInstruments();
  const std::string token = AccessToken();
  ASSERT_GT(token.size(), 20U);
  // Failures talk more than successes: wrong code, reused state, a rejected token.
  const std::string pasted = "canary.pasted.token-77c1";
  (void)stack_.Ask("POST", "/api/v1/auth/token", R"({"access_token":")" + pasted + "\"}");
  (void)stack_.Get("/api/integrations/upstox/callback?code=canary-code-51d2&state=canary-state-19");
  // The broker's notices: one that is refused, by a path that is not ours, and by the one that is.
  const std::string noticed = "canary.noticed.token-3d07";
  const std::string notice = R"({"client_id":"sim-key","user_id":"SIM001","token_type":"Bearer",)"
                             R"("message_type":"access_token","access_token":")" +
                             noticed + "\"}";
  (void)stack_.Ask("POST", "/api/v1/auth/approval", "{}");
  for (const std::string& key : {kNotifierKey, std::string{"canary-guess-of-a-path"}}) {
    (void)stack_.Ask("POST", "/api/integrations/upstox/notifier/" + key, notice);
  }
  (void)stack_.Admin("POST", "/faults", R"({"kind":"401","target":"feed","count":2})");
  stack_.Kill("sim");
  (void)stack_.Get("/api/v1/auth/login");
  stack_.Start("sim");

  // An API key: made, used well, and sent with a letter too much.
  HttpAnswer made;
  ASSERT_TRUE(WaitUntil([&] {
    made = stack_.Ask("POST", "/api/v1/keys", R"({"name":"canary","scopes":["admin"]})");
    return made.status == 200;
  })) << made.body;
  const std::string key = made.body.substr(made.body.find("sauda_"), kKeyLength);
  for (const std::string& sent : {key, key + "x"}) {
    (void)stack_.Ask("POST", "/api/v1/session", R"({"key":")" + sent + "\"}");
  }

  const std::string all = Everything();
  ASSERT_FALSE(all.empty());
  const std::string rows = Rows();
  for (const auto& secret :
       {kApiSecret, kNotifierKey, token, pasted, noticed, std::string{"canary-code-51d2"},
        std::string{"canary-guess-of-a-path"}, key.substr(kKeyLength - kKeySecretLength),
        std::string{"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}}) {
    ExpectNone("a log, answer or metric", all, secret);
    ExpectNone("Redis", stack_.redis().Dump(), secret);
    ExpectNone("PostgreSQL", rows, secret);
  }
}

TEST_F(SecretsTest, NoProcessThatKnowsASecretMayLeaveACore) {
  stack_.StartAll();
  for (const auto& name : Stack::ServiceNames()) {
    ASSERT_TRUE(WaitUntil([&] {  // it serves, so that it may know something
      return RunCommand({.arguments = {"curl", "-sf", "-o", "/dev/null",
                                       "http://" + stack_.MetricsAddress(name) + "/metrics"}})
                 .exit_code == 0;
    })) << name;
    const auto pid = std::to_string(stack_.process(name).pid());
    const std::string limits = ReadText("/proc/" + pid + "/limits");
    const auto line = limits.find("Max core file size");
    ASSERT_NE(line, std::string::npos);
    std::istringstream numbers{limits.substr(line + std::string_view{"Max core file size"}.size())};
    std::string soft;
    numbers >> soft;
    EXPECT_EQ(soft, "0") << name;
  }
}

}  // namespace
}  // namespace sauda::test
