// Logins of the whole system: consent in the broker's app, several users, the vault's keys, and
// saudactl at a terminal.

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr const char* kNotifierKey = "notifier-key-of-main-0123456789abcdef";
constexpr const char* kNotifierKeyB = "notifier-key-of-main-0123456789abcdefkey-b";

/// Two broker users in one install, without the services that a login does not need.
class LoginTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    keyring_ = std::make_unique<TempFolder>();
    Keys({kFirstKey});
    stack_ = std::make_unique<Stack>(
        Stack::Options{.simulator = {"--more-users", "key-b:secret-b:SIM002"},
                       .environment = {{"SAUDA_AUTH_VAULT_KEY", ""},
                                       {"SAUDA_AUTH_VAULT_KEYRING", keyring_->path() + "/keys"},
                                       {"SAUDA_AUTH_MORE_ACCOUNTS", "b"},
                                       // A day's logins within seconds.
                                       {"SAUDA_GATEWAY_LOGIN_BURST", "1000"},
                                       {"UPSTOX_USER_ID", "SIM001"},
                                       {"UPSTOX_NOTIFIER_KEY", kNotifierKey},
                                       {"UPSTOX_API_KEY_B", "key-b"},
                                       {"UPSTOX_API_SECRET_B", "secret-b"},
                                       {"UPSTOX_USER_ID_B", "SIM002"},
                                       {"UPSTOX_NOTIFIER_KEY_B", kNotifierKeyB}}});
    stack_->Set("UPSTOX_REDIRECT_URI_B",
                stack_->GatewayUrl() + "/api/integrations/upstox/callback");
    // The first app's notifier; the other's is the same address and its key.
    stack_->Set("SAUDA_SIM_NOTIFIER_URL",
                stack_->GatewayUrl() + "/api/integrations/upstox/notifier/" + kNotifierKey);
    stack_->Start("sim");
    stack_->Start("auth");
    stack_->Start("gateway");
    ASSERT_TRUE(WaitUntil([] { return Status("main")["state"].is_string(); }))
        << stack_->Log("auth");
  }
  static void TearDownTestSuite() {
    stack_.reset();
    keyring_.reset();
  }
  void TearDown() override {
    for (const char* account : {"main", "b"}) {
      (void)stack_->Ask("POST", std::string{"/api/v1/auth/logout?account="} + account, "");
    }
  }

  static void Keys(const std::vector<std::string>& keys) {
    const std::string path = keyring_->path() + "/keys";
    std::ofstream file{path + ".new"};
    for (const auto& key : keys) file << key << '\n';
    file.close();
    std::filesystem::rename(path + ".new", path);
  }
  static json Status(const std::string& account) {
    const auto answer = stack_->Get("/api/v1/auth/status?account=" + account);
    const json body = json::parse(answer.body, nullptr, false);
    return body.is_object() && body.contains("data") ? body["data"] : json::object();
  }
  static int Request(const std::string& account, bool again = false) {
    return stack_
        ->Ask("POST", "/api/v1/auth/approval",
              json{{"account_id", account}, {"again", again}}.dump())
        .status;
  }
  static int Approve(const std::string& user, const std::string& fault = "") {
    const auto answer = stack_->Admin("POST", "/approvals/approve",
                                      json{{"user_id", user}, {"fault", fault}}.dump());
    const json body = json::parse(answer.body, nullptr, false);
    if (!body.is_object() || !body.contains("data")) return answer.status;
    return body["data"]["status"].get<int>();
  }
  static std::string Issue(const std::string& user, const std::string& kind = "access") {
    const auto answer =
        stack_->Admin("POST", "/tokens", json{{"user_id", user}, {"kind", kind}}.dump());
    return json::parse(answer.body)["data"]["access_token"];
  }
  static HttpAnswer Paste(const std::string& account, const std::string& token,
                          const std::string& kind = "access") {
    return stack_->Ask(
        "POST", "/api/v1/auth/token",
        json{{"account_id", account}, {"access_token", token}, {"kind", kind}}.dump());
  }
  static Finished Ctl(std::vector<std::string> words) {
    words.insert(words.begin(), Stack::Program("saudactl"));
    words.insert(words.end(), {"--auth-address", stack_->Address("auth")});
    return RunCommand({.arguments = words});
  }

  static constexpr const char* kFirstKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
  static constexpr const char* kSecondKey = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
  static std::unique_ptr<TempFolder> keyring_;
  static std::unique_ptr<Stack> stack_;
};

std::unique_ptr<TempFolder> LoginTest::keyring_;
std::unique_ptr<Stack> LoginTest::stack_;

TEST_F(LoginTest, ConsentInTheBrokersAppLogsTheRightAccountIn) {
  ASSERT_EQ(Request("b"), 200) << stack_->Log("auth");
  EXPECT_EQ(Approve("SIM001"), 404) << "of the other user nobody asked";
  EXPECT_EQ(Approve("SIM002"), 200) << stack_->Log("gateway") << stack_->Log("auth");
  EXPECT_EQ(Status("b")["broker_user_id"], "SIM002");
  EXPECT_EQ(Status("main")["state"], "logged_out");
}

TEST_F(LoginTest, NoticesThatAreNotRightChangeNothing) {
  for (const auto& [fault, status] : std::map<std::string, int>{
           {"wrong-client", 403}, {"wrong-user", 403}, {"bad-token", 401}, {"no-token", 400}}) {
    ASSERT_EQ(Request("main", true), 200);
    EXPECT_EQ(Approve("SIM001", fault), status) << fault;
    EXPECT_EQ(Status("main")["state"], "logged_out") << fault;
  }
  ASSERT_EQ(Request("main", true), 200);
  EXPECT_EQ(Approve("SIM001", "twice"), 200) << "the second is answered like the first";
  EXPECT_EQ(Status("main")["state"], "logged_in");
}

TEST_F(LoginTest, ABrokerThatCannotProveTheTokenNowDoesLater) {
  ASSERT_EQ(Request("main"), 200);
  (void)stack_->Admin("POST", "/faults", R"({"target": "rest", "kind": "status", "count": 1})");
  EXPECT_EQ(Approve("SIM001"), 503);
  EXPECT_TRUE(WaitUntil([] { return Status("main")["state"] == "logged_in"; }))
      << stack_->Log("auth");
}

TEST_F(LoginTest, NothingOfOneUserReachesTheOther) {
  const std::string of_b = Issue("SIM002");
  const auto refused = Paste("main", of_b);
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_NE(refused.body.find("WRONG_USER"), std::string::npos) << refused.body;
  EXPECT_EQ(Paste("b", of_b).status, 200);
  EXPECT_EQ(Status("main")["state"], "logged_out");
  const auto profile = [](const std::string& account) {
    return stack_->Get("/api/v1/account/profile?account=" + account);
  };
  EXPECT_EQ(profile("main").status, 401);
  EXPECT_EQ(json::parse(profile("b").body)["data"]["user_id"], "SIM002");
  EXPECT_EQ(Paste("main", Issue("SIM001")).status, 200);
  EXPECT_EQ(json::parse(profile("main").body)["data"]["user_id"], "SIM001");
  EXPECT_EQ(profile("").status, 404) << "which of the two?";
  EXPECT_EQ(Status("main")["broker_user_id"], "SIM001");
  // The dialog of each goes to its own app.
  const auto dialog = stack_->Get("/api/v1/auth/login?account=b").location;
  EXPECT_NE(dialog.find("client_id=key-b"), std::string::npos) << dialog;
}

TEST_F(LoginTest, TokensOfEveryKindAreProvenByWhatTheyMayDo) {
  EXPECT_EQ(Paste("main", Issue("SIM001", "analytics"), "analytics").status, 200);
  EXPECT_EQ(Status("main")["kind"], "analytics");
  EXPECT_EQ(Status("main")["broker_user_id"], "SIM001");
  EXPECT_EQ(Paste("main", Issue("SIM001", "extended"), "extended").status, 200);
  EXPECT_EQ(Paste("main", Issue("SIM002", "analytics"), "analytics").status, 403);
  EXPECT_EQ(Paste("main", Issue("SIM001", "analytics"), "access").status, 403)
      << "it is no access token";
  EXPECT_EQ(Paste("main", "e30.e30.e30", "analytics").status, 401);
}

TEST_F(LoginTest, TheVaultsKeysAreReplacedUnderLoadWithoutAFailure) {
  ASSERT_EQ(Paste("main", Issue("SIM001")).status, 200);
  std::atomic<bool> stop = false;
  std::atomic<int> asked = 0;
  std::atomic<int> failed = 0;
  std::thread load{[&] {
    while (!stop) {
      if (Status("main")["state"] != "logged_in") ++failed;
      if (Paste("b", Issue("SIM002")).status != 200) ++failed;
      ++asked;
    }
  }};
  for (int round = 0; round < 4; ++round) {
    Keys(round % 2 == 0 ? std::vector<std::string>{kSecondKey, kFirstKey}
                        : std::vector<std::string>{kFirstKey, kSecondKey});
    const auto rotated = Ctl({"vault", "rotate"});
    EXPECT_EQ(rotated.exit_code, 0) << rotated.output;
    const int before = asked;
    EXPECT_TRUE(WaitUntil([&] { return asked > before; }));
  }
  stop = true;
  load.join();
  EXPECT_EQ(failed, 0);
  Keys({kFirstKey});
  EXPECT_EQ(Ctl({"vault", "rotate"}).exit_code, 0) << "no old key is needed any more";
  const std::string dump = stack_->redis().Dump();
  EXPECT_EQ(dump.find("eyJ"), std::string::npos) << "what every token begins with";
}

/// saudactl at a terminal of its own, as a person sees it.
class Terminal {
 public:
  explicit Terminal(std::vector<std::string> words) {
    words.insert(words.begin(), Stack::Program("saudactl"));
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = forkpty(&master_, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      execv(arguments.front(), arguments.data());
      _exit(127);
    }
  }
  ~Terminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      (void)waitpid(pid_, nullptr, 0);
    }
    close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Whether this shows within ten seconds.
  bool Shows(const std::string& text) {
    return WaitUntil([&] {
      Read();
      return seen_.find(text) != std::string::npos;
    });
  }
  void Type(const std::string& text) const {
    EXPECT_EQ(write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  bool Echoes() const {
    termios now{};
    EXPECT_EQ(tcgetattr(master_, &now), 0);
    return (now.c_lflag & static_cast<tcflag_t>(ECHO)) != 0;
  }
  void Signal(int signal) const { ::kill(pid_, signal); }
  /// The exit code, or 128 and the signal.
  int Ended() {
    int status = 0;
    EXPECT_TRUE(WaitUntil([&] {
      Read();
      return waitpid(pid_, &status, WNOHANG) == pid_;
    }));
    pid_ = -1;
    Read();
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  const std::string& seen() const { return seen_; }

 private:
  void Read() {
    std::array<char, 4'096> bytes{};
    pollfd ready{.fd = master_, .events = POLLIN, .revents = 0};
    while (poll(&ready, 1, 0) > 0) {
      const ssize_t count = read(master_, bytes.data(), bytes.size());
      if (count <= 0) return;
      seen_.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }

  int master_ = -1;
  pid_t pid_ = -1;
  std::string seen_;
};

TEST_F(LoginTest, AtATerminalAPastedAddressLogsInAndIsNeverShown) {
  Terminal terminal{{"--auth-address", stack_->Address("auth"), "--account", "main", "login"}};
  ASSERT_TRUE(terminal.Shows("code, or the whole address")) << terminal.seen();
  EXPECT_FALSE(terminal.Echoes());
  const auto at = terminal.seen().find("https://");
  const std::string url =
      terminal.seen().substr(at, terminal.seen().find_first_of("\r\n", at) - at);
  const std::string redirect = stack_->ApproveDialog(url);
  ASSERT_NE(redirect.find("code="), std::string::npos) << redirect;
  terminal.Type(redirect + "\n");
  EXPECT_EQ(terminal.Ended(), 0) << terminal.seen();
  EXPECT_NE(terminal.seen().find("logged in as SIM001"), std::string::npos) << terminal.seen();
  const std::string code = redirect.substr(redirect.find("code=") + 5, 6);
  EXPECT_EQ(terminal.seen().find(code), std::string::npos) << terminal.seen();
}

TEST_F(LoginTest, AtATerminalTheCallbackEndsTheWait) {
  Terminal terminal{{"--auth-address", stack_->Address("auth"), "--account", "main", "login"}};
  ASSERT_TRUE(terminal.Shows("code, or the whole address")) << terminal.seen();
  ASSERT_EQ(Paste("main", Issue("SIM001")).status, 200);
  EXPECT_EQ(terminal.Ended(), 0) << terminal.seen();
  EXPECT_NE(terminal.seen().find("logged in as SIM001"), std::string::npos) << terminal.seen();
}

TEST_F(LoginTest, AtATerminalAPastedTokenIsNeverShownAndTheEchoComesBack) {
  const std::string token = Issue("SIM001");
  Terminal terminal{
      {"--auth-address", stack_->Address("auth"), "--account", "main", "login", "--token"}};
  ASSERT_TRUE(terminal.Shows("access token: ")) << terminal.seen();
  EXPECT_FALSE(terminal.Echoes());
  terminal.Type(token + "\n");
  EXPECT_EQ(terminal.Ended(), 0) << terminal.seen();
  EXPECT_EQ(terminal.seen().find(token.substr(0, 24)), std::string::npos);
  EXPECT_TRUE(terminal.Echoes());
}

TEST_F(LoginTest, ASignalGivesTheTerminalItsEchoBack) {
  Terminal terminal{
      {"--auth-address", stack_->Address("auth"), "--account", "main", "login", "--token"}};
  ASSERT_TRUE(terminal.Shows("access token: ")) << terminal.seen();
  ASSERT_FALSE(terminal.Echoes());
  terminal.Signal(SIGINT);
  EXPECT_EQ(terminal.Ended(), 128 + SIGINT);
  EXPECT_TRUE(terminal.Echoes());
}

}  // namespace
}  // namespace sauda::test
