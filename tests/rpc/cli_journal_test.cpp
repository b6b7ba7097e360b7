#include <array>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/src/exit_code.hpp"
#include "cli/src/program.hpp"
#include "libs/journal/feed_payloads.hpp"
#include "libs/journal/writer.hpp"
#include "tests/support/process.hpp"
#include "upstox/ordered_frame.pb.h"

namespace sauda::cli {
namespace {

namespace wire = com::upstox::marketdatafeederv3udapi::rpc::proto;
using nlohmann::json;
using testing::HasSubstr;

constexpr std::int64_t kStartNs = 1'765'771'372'123'456'000;  // 2025-12-15 09:32:52.123456 IST

/// The folder of a journal with one run: three frames of two instruments, one from a connection
/// that does not speak for them, and a gap.
class CliJournalTest : public testing::Test {
 protected:
  CliJournalTest() {
    auto writer =
        journal::Writer::Start({.root = Dir(), .instance = "run1", .account = "main"}, clock_, {});
    EXPECT_TRUE(writer);
    EXPECT_TRUE((*writer)->PushState({.received_ns = kStartNs, .simulated = true}));
    for (int i = 0; i < 3; ++i) {
      (*writer)->Push({.received_ns = kStartNs + i * 1'000'000'000LL,
                       .first_seq = static_cast<std::uint64_t>(2 * i + 1),
                       .ticks = 2,
                       .payload = Payload(100.5 + i)});
    }
    // What another connection said while it did not speak for these keys: no tick was made of it.
    (*writer)->Push({.received_ns = kStartNs + 3'000'000'000LL,
                     .payload = Payload(99.5, {journal::kUnwanted, journal::kUnwanted})});
    (*writer)->Push(
        {.kind = journal::Kind::kNotice,
         .received_ns = kStartNs,
         .payload = Encode(journal::GapPayload{
             .from_ns = 1, .to_ns = 2, .cause = "CONNECTION_LOST", .detail = "it went away"})});
    (*writer)->Stop();
  }

  std::string Dir() const { return folder_.path() + "/journal"; }
  std::string Segment() const { return Dir() + "/main/run1-000001.saudaj"; }

  static std::string Payload(double price, std::array<std::int64_t, 2> instruments = {5, 6}) {
    wire::OrderedFeedResponse frame;
    frame.set_type(wire::live_feed);
    for (const char* key : {"NSE_FO|2", "NSE_EQ|1"}) {
      wire::FeedEntry& entry = *frame.add_feeds();
      entry.set_key(key);
      entry.mutable_value()->mutable_ltpc()->set_ltp(price);
      entry.mutable_value()->mutable_ltpc()->set_ltq(7);
    }
    const std::string bytes = frame.SerializeAsString();
    return Encode(
        journal::FramePayload{.simulated = true, .instruments = instruments, .bytes = bytes});
  }

  int Run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    std::istringstream in;
    words.insert(words.begin(), "journal");
    words.insert(words.end(), {"--dir", Dir()});
    return cli::Run(words,
                    Io{.in = in, .out = out_, .err = err_, .environment = [](const std::string&) {
                         return std::nullopt;
                       }});
  }

  const test::TempFolder folder_;
  SystemClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CliJournalTest, ListsTheFilesOfEachRun) {
  EXPECT_EQ(Run({"ls"}), kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("run1"));
  EXPECT_THAT(out_.str(), HasSubstr("2025-12-15 09:32:52"));
  EXPECT_EQ(Run({"ls", "--json"}), kOk);
  const json listed = json::parse(out_.str());
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["frames"], 4);
  EXPECT_EQ(listed[0]["ticks"], 6);
  EXPECT_EQ(listed[0]["state"], "whole");
}

TEST_F(CliJournalTest, VerifyNamesWhatIsDamaged) {
  EXPECT_EQ(Run({"verify"}), kOk) << err_.str();
  std::fstream file{Segment(), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(200);
  file.put('!');
  file.close();
  EXPECT_EQ(Run({"verify"}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("damaged"));
  EXPECT_THAT(err_.str(), HasSubstr("run1-000001.saudaj: from byte"));
}

TEST_F(CliJournalTest, CatShowsEachRecord) {
  EXPECT_EQ(Run({"cat"}), kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("frame  seq 1 +2"));
  EXPECT_THAT(out_.str(), HasSubstr("NSE_FO|2  NSE_EQ|1"));
  EXPECT_THAT(out_.str(), HasSubstr("gap  CONNECTION_LOST"));
  EXPECT_EQ(Run({"cat", "--json", "--limit", "1"}), kOk);
  const json record = json::parse(out_.str());
  EXPECT_EQ(record["first_seq"], "1");
  EXPECT_EQ(record["simulated"], true);
  EXPECT_EQ(record["frame"]["feeds"][0]["value"]["ltpc"]["ltp"], 100.5);
}

TEST_F(CliJournalTest, ExportIsARecordingOfTheKeysAskedFor) {
  const std::string file = folder_.path() + "/out.json";
  EXPECT_EQ(Run({"export", "--out", file, "--key", "NSE_EQ|1"}), kOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("3 elements"));
  std::ifstream in{file};
  const json elements = json::parse(in);
  ASSERT_EQ(elements.size(), 3U);
  EXPECT_EQ(elements[0], json::parse(R"({"ltpc":{"ltp":100.5,"ltq":"7"},
      "instrumentKey":"NSE_EQ|1","_insertion_time":"2025-12-15T09:32:52.123456"})"));
}

TEST_F(CliJournalTest, WhatIsNotThereIsNamed) {
  EXPECT_EQ(Run({"ls", "--run", "run2"}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("run2"));
  EXPECT_EQ(Run({"export", "--out", "/nowhere/at/all"}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace sauda::cli
