#include "tests/support/private_stores.hpp"

#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace sauda::test {
namespace {

constexpr const char* kPostgresUser = "postgres";
const std::string kPostgresBin = "/usr/lib/postgresql/15/bin/";

void MakeFolder(const std::string& path) {
  std::filesystem::create_directories(path);
  std::filesystem::permissions(path, std::filesystem::perms{0755});
}

}  // namespace

PrivatePostgres::PrivatePostgres(const std::string& folder)
    : folder_{folder + "/postgres"}, port_{FreePort()} {
  MakeFolder(folder_);
  if (geteuid() == 0) (void)RunCommand({.arguments = {"chown", kPostgresUser, folder_}});
  const auto made = RunCommand(
      {.arguments = {kPostgresBin + "initdb", "-D", folder_ + "/data", "-U", kPostgresUser, "-A",
                     "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"},
       .as_user = kPostgresUser});
  EXPECT_EQ(made.exit_code, 0) << made.output;
  Start();
}

void PrivatePostgres::Start() {
  const auto begin = [this] {
    server_ = std::make_unique<Process>(Process::Command{
        .arguments = {kPostgresBin + "postgres", "-D", folder_ + "/data", "-k", folder_, "-p",
                      std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
                      "-c", "max_connections=200"},
        .output_file = folder_ + "/log",
        .as_user = kPostgresUser});
  };
  begin();
  // A backend may outlive the server that was killed, by a moment: the next one then ends at once.
  EXPECT_TRUE(WaitUntil(
      [&] {
        if (!server_->Runs()) begin();
        return Answers();
      },
      std::chrono::seconds{60}))
      << ReadText(folder_ + "/log");
}

void PrivatePostgres::Kill() {
  server_->Signal(SIGQUIT);  // at once, without a checkpoint, as in a crash; children go too
  (void)server_->Wait();
}

void PrivatePostgres::Stop() {
  server_->Signal(SIGINT);
  (void)server_->Wait();
}

bool PrivatePostgres::Answers() const {
  return RunCommand({.arguments = {kPostgresBin + "pg_isready", "-q", "-h", "127.0.0.1", "-p",
                                   std::to_string(port_)}})
             .exit_code == 0;
}

std::string PrivatePostgres::Url(const std::string& database) const {
  return std::string{"postgresql://"} + kPostgresUser + "@127.0.0.1:" + std::to_string(port_) +
         "/" + database;
}

std::string PrivatePostgres::Sql(const std::string& database, const std::string& statement) const {
  const auto done = RunCommand({.arguments = {kPostgresBin + "psql", "-X", "-q", "-A", "-t", "-v",
                                              "ON_ERROR_STOP=1", Url(database), "-c", statement}});
  EXPECT_EQ(done.exit_code, 0) << done.output;
  std::string text = done.output;
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

PrivateRedis::PrivateRedis(const std::string& folder)
    : folder_{folder + "/redis"}, port_{FreePort()} {
  MakeFolder(folder_);
  Start();
}

void PrivateRedis::Start() {
  server_ = std::make_unique<Process>(Process::Command{
      .arguments = {"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--dir",
                    folder_, "--requirepass", password_, "--appendonly", "yes", "--appendfsync",
                    "everysec", "--save", "", "--maxmemory-policy", "noeviction"},
      .output_file = folder_ + "/log"});
  EXPECT_TRUE(WaitUntil([this] { return Answers(); }, std::chrono::seconds{60}))
      << ReadText(folder_ + "/log");
}

void PrivateRedis::Kill() {
  server_->Signal(SIGKILL);
  (void)server_->Wait();
}

bool PrivateRedis::Answers() const {
  const auto done = RunCommand(
      {.arguments = {"redis-cli", "-h", "127.0.0.1", "-p", std::to_string(port_), "ping"},
       .environment = {{"REDISCLI_AUTH", password_}}});
  return done.output.starts_with("PONG");
}

std::string PrivateRedis::Url() const {
  return "redis://:" + password_ + "@127.0.0.1:" + std::to_string(port_) + "/0";
}

std::string PrivateRedis::Dump() const {
  std::string all;
  for (const auto& file : std::filesystem::recursive_directory_iterator{folder_}) {
    if (file.is_regular_file()) all += ReadText(file.path().string());
  }
  return all;
}

}  // namespace sauda::test
