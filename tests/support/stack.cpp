#include "tests/support/stack.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace sauda::test {
namespace {

constexpr const char* kVaultKey =
    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";  // 32 bytes, base64
constexpr const char* kAdminToken = "test-admin-token";

std::string Loopback(int port) { return "127.0.0.1:" + std::to_string(port); }

/// `name` in the page's form, as the dialog has it.
std::string QueryOf(const std::string& url) {
  const auto question = url.find('?');
  return question == std::string::npos ? "" : url.substr(question + 1);
}

}  // namespace

const std::vector<std::string>& Stack::ServiceNames() {
  static const std::vector<std::string> names{"auth", "instruments", "feed", "orders", "gateway"};
  return names;
}

std::string Stack::Program(const std::string& name) {
  return std::string{SAUDA_BUILD_DIR} + "/bin/" + name;
}

Stack::Stack(Options options)
    : options_{std::move(options)}, postgres_{folder_.path()}, redis_{folder_.path()} {
  for (const auto& name : ServiceNames()) ports_[name] = FreePort();
  ports_["sim"] = FreePort();
  for (const auto& [name, port] : ports_) metrics_ports_[name] = FreePort();
  (void)postgres_.Sql("postgres", "CREATE DATABASE sauda");
  for (const char* name : {"auth", "instruments", "feed", "orders"}) {
    std::ostringstream sql;
    sql << "CREATE ROLE sauda_" << name << " LOGIN; CREATE SCHEMA " << name
        << " AUTHORIZATION sauda_" << name;
    (void)postgres_.Sql("sauda", sql.str());
  }
}

Stack::~Stack() {
  if (!testing::Test::HasFailure()) return;
  const char* const keep = std::getenv("SAUDA_TEST_KEEP");
  if (keep == nullptr) return;
  (void)RunCommand({.arguments = {"cp", "-r", folder_.path(), keep}});
}

std::map<std::string, std::string> Stack::EnvironmentOf(const std::string& name) const {
  std::map<std::string, std::string> all{
      {"SAUDA_BROKER", "sim"},
      {"SAUDA_ORDER_ROUTE", "paper"},
      {"SAUDA_SIM_URL", SimulatorUrl()},
      {"SAUDA_BROKER_CA", CaFile()},
      {"SAUDA_REDIS_URL", redis_.Url()},
      {"SAUDA_AUTH_VAULT_KEY", kVaultKey},
      {"UPSTOX_API_KEY", "sim-key"},
      {"UPSTOX_API_SECRET", "sim-secret"},
      {"UPSTOX_REDIRECT_URI", GatewayUrl() + "/api/integrations/upstox/callback"},
  };
  for (const char* peer : {"auth", "instruments", "feed", "orders"}) {
    std::string variable = std::string{"SAUDA_"} + peer + "_ADDRESS";
    for (char& c : variable) c = static_cast<char>(std::toupper(c));
    all[variable] = Address(peer);
  }
  if (name != "sim" && name != "gateway") {
    all["SAUDA_POSTGRES_URL"] =
        "postgresql://sauda_" + name + "@" + Loopback(postgres_.port()) + "/sauda";
  }
  if (name == "feed") all["SAUDA_FEED_JOURNAL_DIR"] = folder_.path() + "/journal";
  if (name == "orders") all["SAUDA_ORDERS_STATE_DIR"] = folder_.path() + "/orders";
  for (const auto& [variable, value] : options_.environment) all[variable] = value;
  return all;
}

void Stack::Start(const std::string& name) {
  std::vector<std::string> arguments{Program("sauda-" + name), "--listen",
                                     Loopback(ports_.at(name)), "--metrics-listen",
                                     Loopback(metrics_ports_.at(name))};
  if (name == "sim") {
    arguments.insert(arguments.end(), {"--state-dir", folder_.path() + "/sim", "--redirect-uri",
                                       GatewayUrl() + "/api/integrations/upstox/callback"});
    arguments.insert(arguments.end(), options_.simulator.begin(), options_.simulator.end());
  }
  auto environment = EnvironmentOf(name);
  if (name == "sim") environment["SAUDA_SIM_ADMIN_TOKEN"] = kAdminToken;
  processes_[name] = std::make_unique<Process>(
      Process::Command{.arguments = arguments,
                       .environment = environment,
                       .output_file = folder_.path() + "/" + name + ".log"});
  if (name == "sim") {  // the others need its certificate authority, and the login its dialog
    EXPECT_TRUE(WaitUntil([this] {
      return Curl({"--cacert", CaFile(), SimulatorUrl() + "/healthz"}).status == 200;
    })) << Log("sim");
  }
}

void Stack::StartAll() {
  Start("sim");
  for (const auto& name : ServiceNames()) Start(name);
  EXPECT_TRUE(WaitUntil([this] { return Get("/healthz").status == 200; })) << Log("gateway");
}

void Stack::Signal(const std::string& name, int signal) { process(name).Signal(signal); }

void Stack::Kill(const std::string& name) {
  Signal(name, SIGKILL);
  (void)process(name).Wait();
}

void Stack::LogIn() {
  HttpAnswer start;
  ASSERT_TRUE(WaitUntil([&] {
    start = Get("/api/v1/auth/login");
    return start.status == 302;
  })) << start.status
      << " " << start.body << Log("auth");
  const std::string redirect = ApproveDialog(start.location);
  ASSERT_FALSE(redirect.empty()) << Log("sim");
  const auto ended = Curl({redirect});
  ASSERT_LT(ended.status, 400) << ended.body << Log("auth");
}

std::string Stack::ApproveDialog(const std::string& url) const {
  const auto approved = Curl({"--cacert", CaFile(), "-X", "POST", "--data", QueryOf(url),
                              SimulatorUrl() + "/v2/login/authorization/dialog"});
  EXPECT_EQ(approved.status, 302) << approved.body;
  return approved.location;
}

std::string Stack::SyncInstruments() const {
  HttpAnswer answer;
  EXPECT_TRUE(WaitUntil(
      [&] {
        answer = Ask("POST", "/api/v1/instruments/sync", "{}");
        return answer.status == 200;
      },
      std::chrono::seconds{120}))
      << answer.status << " " << answer.body << Log("instruments");
  return answer.body;
}

bool Stack::Ready() const { return Get("/readyz").status == 200; }

HttpAnswer Stack::Ask(const std::string& method, const std::string& path,
                      const std::string& body) const {
  std::vector<std::string> arguments{"-X", method};
  if (!body.empty()) {
    arguments.insert(arguments.end(), {"-H", "Content-Type: application/json", "--data", body});
  }
  arguments.push_back(GatewayUrl() + path);
  return Curl(std::move(arguments));
}

HttpAnswer Stack::Admin(const std::string& method, const std::string& path,
                        const std::string& body) const {
  std::vector<std::string> arguments{
      "--cacert", CaFile(), "-X", method, "-H", std::string{"X-Sim-Admin: "} + kAdminToken};
  if (!body.empty()) {
    arguments.insert(arguments.end(), {"-H", "Content-Type: application/json", "--data", body});
  }
  arguments.push_back(SimulatorUrl() + "/sim/admin" + path);
  return Curl(std::move(arguments));
}

HttpAnswer Stack::Curl(std::vector<std::string> arguments) const {
  std::vector<std::string> command{"curl", "-s", "--max-time",
                                   "120",  "-w", "\n%{http_code} %{redirect_url}"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto done = RunCommand({.arguments = command}, std::chrono::seconds{150});
  const auto line = done.output.rfind('\n');
  if (line == std::string::npos) return {};
  const std::string tail = done.output.substr(line + 1);
  const auto space = tail.find(' ');
  return {.status = std::atoi(tail.c_str()),
          .body = done.output.substr(0, line),
          .location = space == std::string::npos ? "" : tail.substr(space + 1)};
}

std::string Stack::GatewayUrl() const { return "http://" + Address("gateway"); }
std::string Stack::SimulatorUrl() const { return "https://" + Address("sim"); }
std::string Stack::CaFile() const { return folder_.path() + "/sim/ca.pem"; }
std::string Stack::Address(const std::string& name) const { return Loopback(ports_.at(name)); }
std::string Stack::MetricsAddress(const std::string& name) const {
  return Loopback(metrics_ports_.at(name));
}
std::string Stack::Log(const std::string& name) const {
  return "\n--- log of " + name + "\n" + ReadText(folder_.path() + "/" + name + ".log");
}

std::string RealData() {
  const char* const named = std::getenv("SAUDA_REAL_DATA");
  const std::string path =
      named != nullptr ? named : std::string{SAUDA_SOURCE_DIR} + "/../shared/data";
  return std::filesystem::is_directory(path) ? path : "";
}

}  // namespace sauda::test
