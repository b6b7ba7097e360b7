// The feed is killed again and again under load while PostgreSQL goes away and comes back. What the
// simulator sent is in the store once, or a gap tells of it. The judge is exactly_once.sql.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/stack.hpp"
#include "tests/system/store_trouble.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kUnkeptNs = 5'000'000;  // may be between the socket and the journal

std::int64_t WallNs() {
  return std::chrono::nanoseconds{std::chrono::system_clock::now().time_since_epoch()}.count();
}

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/// 20,000 numbered updates a second over 100 shares, a journal of small segments, and all that is
/// needed to ask the oracle.
class ExactlyOnceTest : public testing::Test {
 protected:
  static constexpr int kKeys = 100;

  void SetUp() override {
    seed_ = static_cast<std::uint32_t>(
        FromEnvironment("SAUDA_TEST_SEED", static_cast<int>(WallNs() % 1'000'000)));
    random_.seed(seed_);
    std::cout << "seed " << seed_ << " (SAUDA_TEST_SEED)\n";
  }

  void StartAll(const std::map<std::string, std::string>& settings) {
    auto environment = settings;
    environment["SAUDA_FEED_BATCH_KEYS"] = "60";  // so that a kill may come between two batches
    environment["SAUDA_FEED_BATCH_PAUSE"] = "200";
    environment["SAUDA_FEED_JOURNAL_SEGMENT_MIB"] = "2";
    environment["SAUDA_FEED_STORE_FLUSH_LIMIT"] = "120000";
    stack_ = std::make_unique<Stack>(
        Stack::Options{.simulator = {"--rate", "20000", "--always-open", "--numbered", "--record",
                                     folder_.path() + "/record"},
                       .environment = environment});
    journal_ = settings.contains("SAUDA_FEED_JOURNAL_DIR") ? settings.at("SAUDA_FEED_JOURNAL_DIR")
                                                           : stack_->folder() + "/journal";
    stack_->StartAll();
    stack_->LogIn();
    (void)stack_->SyncInstruments();
    std::istringstream keys{stack_->postgres().Sql(
        "sauda",
        "SELECT instrument_key FROM instruments.instruments WHERE segment = 'NSE_EQ'"
        " AND is_active ORDER BY 1 LIMIT " +
            std::to_string(kKeys))};
    nlohmann::json symbols = nlohmann::json::array();
    for (std::string key; std::getline(keys, key);) symbols.push_back(key);
    ASSERT_EQ(symbols.size(), kKeys);
    const auto asked = stack_->Ask("POST", "/api/v1/market/market-feed/connect",
                                   nlohmann::json{{"symbols", symbols}}.dump());
    ASSERT_EQ(asked.status, 200) << asked.body;
    ASSERT_TRUE(WaitUntil([this] { return Subscribed(); }, 30s)) << stack_->Log("feed");
  }

  /// All keys were asked for on the present connection.
  bool Subscribed() const {
    const auto status =
        nlohmann::json::parse(stack_->Get("/api/v1/websocket/status").body, nullptr, false);
    const nlohmann::json::json_pointer count{"/subscriptions/subscribed_count"};
    return status.is_object() && status.contains(count) && status[count] == kKeys;
  }

  /// The last kill is over: a gap tells of it.
  bool Recovered() const {
    return stack_->postgres().Sql("sauda", "SELECT count(*) FROM feed.gaps WHERE to_ns > " +
                                               std::to_string(kills_.back().first)) != "0";
  }

  void KillFeed() {
    const std::int64_t before_ns = WallNs();
    stack_->Kill("feed");
    // It died between the two, and may have opened a session meanwhile, which is of this end.
    kills_.emplace_back(WallNs(), before_ns - kUnkeptNs);
  }

  /// Lets the feed store what it has, then ends everything but PostgreSQL and asks the oracle.
  std::map<std::string, std::int64_t> AskOracle() {
    EXPECT_TRUE(WaitUntil([this] { return Recovered(); }, 120s)) << stack_->Log("feed");
    const std::int64_t end_ns = WallNs();
    kills_.emplace_back(end_ns, end_ns - kUnkeptNs);
    stack_->Signal("feed", SIGTERM);
    EXPECT_EQ(stack_->process("feed").Wait(120s), 0) << stack_->Log("feed");
    stack_->Signal("sim", SIGTERM);
    (void)stack_->process("sim").Wait();
    std::ofstream kills{folder_.path() + "/kills"};
    for (const auto& [at_ns, free_ns] : kills_) kills << at_ns << '\t' << free_ns << '\n';
    kills.close();
    std::ofstream journaled{folder_.path() + "/journaled"};
    for (const auto& frame : ReadJournal()) {
      journaled << frame.run << '\t' << frame.first_seq << '\t' << frame.ticks << '\n';
    }
    journaled.close();
    const auto judged =
        RunCommand({.arguments = {"/usr/lib/postgresql/15/bin/psql", "-X", "-q", "-A", "-t", "-v",
                                  "ON_ERROR_STOP=1", "-v", "record=" + folder_.path() + "/record",
                                  "-v", "kills=" + folder_.path() + "/kills", "-v",
                                  "end_ns=" + std::to_string(end_ns), "-v",
                                  "journal=" + folder_.path() + "/journaled", "-f", SAUDA_ORACLE,
                                  stack_->DatabaseUrl()}},
                   600s);
    EXPECT_EQ(judged.exit_code, 0) << judged.output;
    std::cout << judged.output;
    std::map<std::string, std::int64_t> figures;
    std::istringstream lines{judged.output};
    std::string name;
    std::int64_t value = 0;
    while (lines >> name >> value) figures[name] = value;
    return figures;
  }

  struct JournaledFrame {
    std::string run;
    std::string first_seq;
    std::int64_t ticks = 0;
    std::int64_t received_ns = 0;
  };
  /// Frames that ticks were made of, oldest first, as the journal's own tool tells them.
  std::vector<JournaledFrame> ReadJournal() const {
    const auto path = folder_.path() + "/cat";
    std::filesystem::remove(path);  // of an earlier look; a process appends
    Process cat{{.arguments = {Stack::Program("saudactl"), "--json", "journal", "cat", "--heads",
                               "--dir", journal_},
                 .output_file = path}};
    EXPECT_EQ(cat.Wait(300s), 0);
    std::vector<JournaledFrame> frames;
    std::ifstream lines{path};
    for (std::string line; std::getline(lines, line);) {
      const auto record = nlohmann::json::parse(line, nullptr, false);
      if (!record.is_object() || record["kind"] != "frame" || record["ticks"] == 0) continue;
      frames.push_back({.run = record["run"],
                        .first_seq = record["first_seq"],
                        .ticks = record["ticks"],
                        .received_ns = std::stoll(record["received_ns"].get<std::string>())});
    }
    return frames;
  }

  /// Cuts into the last record of the journal, as a machine that lost power may have left it. What
  /// came after the last whole frame may be lost with it.
  void TearJournal() {
    std::filesystem::path newest;
    for (const auto& file : std::filesystem::recursive_directory_iterator{journal_}) {
      if (file.path().extension() != ".saudaj") continue;
      if (newest.empty() || file.last_write_time() > std::filesystem::last_write_time(newest)) {
        newest = file.path();
      }
    }
    const auto bytes = std::filesystem::file_size(newest);
    ASSERT_GT(bytes, 4'096U) << "more than the head of " << newest;
    std::filesystem::resize_file(newest, bytes - std::uniform_int_distribution{1U, 40U}(random_));
    kills_.back().second =
        std::min(kills_.back().second, ReadJournal().back().received_ns - kUnkeptNs);
  }

  static void ExpectZero(const std::map<std::string, std::int64_t>& figures,
                         const std::vector<std::string>& names) {
    for (const auto& name : names) {
      const auto found = figures.find(name);
      ASSERT_NE(found, figures.end()) << name;
      EXPECT_EQ(found->second, 0) << name;
    }
  }

  std::chrono::milliseconds Random(int least, int most) {
    return std::chrono::milliseconds{std::uniform_int_distribution{least, most}(random_)};
  }

  std::uint32_t seed_ = 0;
  std::mt19937 random_;
  TempFolder folder_;
  std::unique_ptr<Stack> stack_;
  std::string journal_;
  std::vector<std::pair<std::int64_t, std::int64_t>> kills_;  // at, and what may be lost from
};

/// A disk of its own that is soon full; gone with the object, whoever still uses it.
class SmallDisk {
 public:
  SmallDisk()
      : mounted_{RunCommand(
            {.arguments = {"mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", folder_.path()}})} {}
  ~SmallDisk() {
    if (mounted()) (void)RunCommand({.arguments = {"umount", "-l", folder_.path()}});
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_.exit_code == 0; }
  const std::string& why_not() const { return mounted_.output; }
  const std::string& path() const { return folder_.path(); }

  /// Takes all but 6 MiB, and gives it back.
  void Fill() const {
    EXPECT_EQ(RunCommand({.arguments = {"fallocate", "-l", "90m", Filler()}}).exit_code, 0);
  }
  void MakeRoom() const { std::filesystem::remove(Filler()); }

 private:
  std::string Filler() const { return path() + "/filler"; }

  const TempFolder folder_;
  const Finished mounted_;
};

const std::vector<std::string> kNever{"doubled", "numbers_used_twice", "never_sent", "untold",
                                      "journaled_not_stored"};

TEST_F(ExactlyOnceTest, EveryUpdateIsStoredOnceOrToldAsAGapWhateverDies) {
  ASSERT_NO_FATAL_FAILURE(StartAll({}));
  {
    StoreTrouble trouble{stack_->postgres(), seed_};
    const int kills = FromEnvironment("SAUDA_TEST_KILLS", 5);
    for (int i = 0; i < kills; ++i) {
      // Most of the kills meet a feed that streams, some one that only starts.
      if (i % 5 != 4) {
        ASSERT_TRUE(WaitUntil([this] { return Subscribed(); }, 60s)) << stack_->Log("feed");
      }
      if (i % 5 == 3) stack_->LogIn();  // a new token: the keys move to a second connection
      std::this_thread::sleep_for(Random(1, 1'200));  // the instant is what is tested
      KillFeed();
      if (i % 5 == 1) TearJournal();
      stack_->Start("feed");
    }
  }
  auto figures = AskOracle();
  EXPECT_GT(figures["stored"], 0);
  ExpectZero(figures, kNever);
  ExpectZero(figures, {"lost", "lost_by_the_journal"});
}

TEST_F(ExactlyOnceTest, WhatAFullDiskCannotTakeIsCountedAsAGap) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no disk of a size can be mounted: " << disk.why_not();
  disk.Fill();
  ASSERT_NO_FATAL_FAILURE(StartAll({{"SAUDA_FEED_JOURNAL_DIR", disk.path() + "/journal"}}));
  const auto stopped = [this] {
    const auto page = RunCommand(
        {.arguments = {"curl", "-s", "http://" + stack_->MetricsAddress("feed") + "/metrics"}});
    return page.output.find("\nsauda_feed_journal_stopped 1") != std::string::npos;
  };
  EXPECT_TRUE(WaitUntil(stopped, 60s)) << stack_->Log("feed");
  disk.MakeRoom();
  EXPECT_TRUE(WaitUntil([&] { return !stopped(); }, 60s)) << stack_->Log("feed");
  KillFeed();
  stack_->Start("feed");
  auto figures = AskOracle();
  ExpectZero(figures, kNever);
  EXPECT_GT(figures["lost"], 0);
  EXPECT_EQ(figures["lost"], figures["lost_by_the_journal"]);
}

}  // namespace
}  // namespace sauda::test
