#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "libs/base/clock.hpp"
#include "libs/http/client.hpp"
#include "libs/http/url.hpp"
#include "libs/http/web_socket_client.hpp"
#include "simulator/src/app.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/small_master.hpp"

namespace sauda::sim {

/// What came over one WebSocket. Thread-safe; events may still come when it is gone.
class Inbox {
 public:
  http::WebSocketEvents Events() {
    http::WebSocketEvents events;
    events.on_message = [state = state_](std::string_view bytes, http::FrameKind) {
      const std::lock_guard lock{state->mutex};
      state->messages.emplace_back(bytes);
      state->changed.notify_all();
    };
    events.on_ping = [state = state_](std::string_view) { ++state->pings; };
    events.on_pong = [state = state_](std::string_view) { ++state->pongs; };
    events.on_closed = [state = state_](std::uint16_t code, std::string_view) {
      const std::lock_guard lock{state->mutex};
      state->code = code;
      state->changed.notify_all();
    };
    return events;
  }
  /// The next message; empty when none came in ten seconds.
  std::string Next() {
    std::unique_lock lock{state_->mutex};
    state_->changed.wait_for(lock, std::chrono::seconds{10},
                             [this] { return !state_->messages.empty(); });
    if (state_->messages.empty()) return {};
    std::string message = std::move(state_->messages.front());
    state_->messages.pop_front();
    return message;
  }
  std::size_t waiting() {
    const std::lock_guard lock{state_->mutex};
    return state_->messages.size();
  }
  /// The close code; 0 while open after ten seconds.
  int Closed() {
    std::unique_lock lock{state_->mutex};
    state_->changed.wait_for(lock, std::chrono::seconds{10}, [this] { return state_->code != 0; });
    return state_->code;
  }
  int pings() const { return state_->pings; }
  int pongs() const { return state_->pongs; }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> messages;  // guarded by mutex
    int code = 0;                      // guarded by mutex
    std::atomic<int> pings{0}, pongs{0};
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// An answer of the simulator, its body read as JSON (null when it is none).
struct SimAnswer {
  int status = 0;  ///< 0: no answer
  http::Headers headers;
  std::string text;
  nlohmann::json json;

  /// The first error's code; empty for none.
  std::string code() const {
    if (!json.is_object() || !json.contains("errors")) return {};
    return json["errors"][0]["error_code"];
  }
};

/// The simulator in this process, on a free port, with a small master and every market open, unless
/// the test says otherwise.
class SimulatorTest : public testing::Test {
 protected:
  static constexpr const char* kRedirect = "http://127.0.0.1:8080/api/integrations/upstox/callback";
  static constexpr const char* kReliance = "NSE_EQ|INE002A01018";

  void SetUp() override { Start({}); }
  void TearDown() override {
    sockets_.reset();
    app_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// What it lists.
  virtual std::vector<Listing> Listed() const { return SmallMaster(); }

  /// Starts it with these settings; what the test needs to be so is set here.
  void Start(Config config) {
    app_.reset();
    if (folder_.empty()) {
      std::string name = std::filesystem::temp_directory_path() / "sauda-sim-XXXXXX";
      folder_ = mkdtemp(name.data());
      std::ofstream{folder_ + "/master.json"} << ToJson(Listed());
    }
    config.listen = "127.0.0.1:0";
    config.metrics_listen.clear();  // its end takes two seconds
    config.state_dir = folder_ + "/state";
    config.instruments = folder_ + "/master.json";
    config.always_open = always_open_;
    config.admin_token = Secret{"admin"};
    app_ = std::make_unique<App>(config);
    const auto started = app_->Start();
    ASSERT_TRUE(started) << started.error().message;
    const auto url = http::Url::Parse(app_->url());
    const http::TrustedCa ca{.file = folder_ + "/state/ca.pem"};
    client_ = *http::Client::Make(
        {.ca = ca, .allowed = {url->HostPort()}, .breaker = {.failures = 1'000}}, clock_);
    sockets_ = *http::WebSocketClient::Make(
        {.ca = ca, .allowed = {url->HostPort()}, .follow_redirect = true});
  }

  SimAnswer Send(http::ClientRequest request) {
    request.url = app_->url() + request.url;
    if (!token_.empty() && !request.headers.Has("Authorization")) {
      request.headers.Set("Authorization", "Bearer " + token_);
    }
    const auto sent = client_->Send(request, std::chrono::seconds{20});
    if (!sent) return {.text = sent.error().error.reason};
    return {.status = sent->status,
            .headers = sent->headers,
            .text = sent->body,
            .json = nlohmann::json::parse(sent->body, nullptr, false)};
  }
  SimAnswer Get(const std::string& path) { return Send({.url = path}); }
  SimAnswer Post(const std::string& path, const nlohmann::json& body) {
    return Send({.method = "POST",
                 .url = path,
                 .headers = {{"Content-Type", "application/json"}},
                 .body = body.dump()});
  }
  SimAnswer PostForm(const std::string& path, const http::Fields& form) {
    return Send({.method = "POST",
                 .url = path,
                 .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                 .body = http::FormatFields(form)});
  }
  SimAnswer Admin(const std::string& method, const std::string& path,
                  const nlohmann::json& body = nullptr) {
    return Send({.method = method,
                 .url = "/sim/admin" + path,
                 .headers = {{"X-Sim-Admin", "admin"}},
                 .body = body.is_null() ? "" : body.dump()});
  }
  void Fault(const nlohmann::json& fault) {
    EXPECT_EQ(Admin("POST", "/faults", fault).status, 200) << fault;
  }

  /// Approves the dialog and gives the code.
  std::string Approve() {
    const SimAnswer answer =
        PostForm("/v2/login/authorization/dialog", {{"client_id", "sim-key"},
                                                    {"redirect_uri", kRedirect},
                                                    {"response_type", "code"},
                                                    {"state", "s t"}});
    EXPECT_EQ(answer.status, 302) << answer.text;
    const auto url = http::Url::Parse(answer.headers.Get("Location"));
    if (!url) return {};
    const auto query = http::ParseFields(url->target.substr(url->target.find('?') + 1));
    EXPECT_EQ(query->find("state")->second, "s t");
    return query->find("code")->second;
  }
  http::Fields TokenForm(const std::string& code) const {
    return {{"code", code},
            {"client_id", "sim-key"},
            {"client_secret", "sim-secret"},
            {"redirect_uri", kRedirect},
            {"grant_type", "authorization_code"}};
  }
  void LogIn() {
    const SimAnswer answer = PostForm("/v2/login/authorization/token", TokenForm(Approve()));
    ASSERT_EQ(answer.status, 200) << answer.text;
    token_ = answer.json["access_token"];
  }

  std::string AuthorizedAddress(const std::string& path) {
    const SimAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << answer.text;
    return answer.json["data"]["authorized_redirect_uri"];
  }
  auto Open(const std::string& address, Inbox& inbox) {
    http::Headers headers;
    if (!token_.empty()) headers.Set("Authorization", "Bearer " + token_);
    return sockets_->Open(address, headers, {}, inbox.Events());
  }
  std::string Wss(const std::string& path) const {
    return "wss" + app_->url().substr(std::string{"https"}.size()) + path;
  }

  SystemClock clock_;
  bool always_open_ = true;
  std::string folder_;
  std::string token_;
  std::unique_ptr<App> app_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<http::WebSocketClient> sockets_;
};

}  // namespace sauda::sim
