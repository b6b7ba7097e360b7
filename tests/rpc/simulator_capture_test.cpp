#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "libs/base/check.hpp"
#include "simulator/src/capture_reader.hpp"
#include "simulator/src/feed_encoder.hpp"
#include "simulator/src/json_array_file.hpp"
#include "simulator/src/master_reader.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"
#include "upstox/market_data_feed_v3.pb.h"

namespace sauda::sim {
namespace {

namespace pb = com::upstox::marketdatafeederv3udapi::rpc::proto;

/// A folder of its own for each test.
class CaptureFileTest : public testing::Test {
 public:
  void TearDown() override { std::filesystem::remove_all(folder_); }

 protected:
  CaptureFileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "sauda-capture-XXXXXX").string();
    Check(mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
    folder_ = name;
  }

  std::string Plain(const std::string& text) {
    std::string path = folder_ / ("plain-" + std::to_string(++files_));
    std::ofstream{path} << text;
    return path;
  }
  std::string Gzip(const std::string& text, std::size_t cut = 0) {
    std::string path = folder_ / ("gzip-" + std::to_string(++files_));
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    if (cut > 0) std::filesystem::resize_file(path, std::filesystem::file_size(path) - cut);
    return path;
  }

  std::filesystem::path folder_;
  int files_ = 0;
};

std::string Element(const std::string& key, const std::string& time, double ltp) {
  return R"({"fullFeed":{"marketFF":{"ltpc":{"ltp":)" + std::to_string(ltp) +
         R"(,"ltt":"1765771369106"}}},"requestMode":"full_d5","instrumentKey":")" + key +
         R"(","_insertion_time":"2025-12-15 )" + time + R"("})";
}

TEST_F(CaptureFileTest, MergesFilesByTheTimeOfRecording) {
  auto opened = CaptureReader::Open(
      {Plain("[" + Element("A", "09:32:49.100000", 1) + "," + Element("A", "09:32:51", 3) + "]"),
       Gzip("[\n" + Element("B", "09:32:50.500000", 2) + "\n]\n")});
  ASSERT_TRUE(opened) << opened.error().message;
  for (int round = 0; round < 2; ++round) {
    std::vector<std::pair<std::string, std::int64_t>> read;
    for (auto next = (*opened)->Next(); next && *next; next = (*opened)->Next()) {
      read.emplace_back((*next)->instrument_key, (*next)->recorded_ms);
    }
    EXPECT_EQ(read,
              (std::vector<std::pair<std::string, std::int64_t>>{
                  {"A", 1'765'771'369'100}, {"B", 1'765'771'370'500}, {"A", 1'765'771'371'000}}));
    ASSERT_TRUE((*opened)->Rewind());
  }
}

struct BrokenCase {
  std::string name;
  std::string text;
  std::string says;
};
class BrokenCaptureTest : public CaptureFileTest, public testing::WithParamInterface<BrokenCase> {};

TEST_P(BrokenCaptureTest, SaysWhatIsWrongAndWhere) {
  const std::string good = Element("A", "09:32:49", 1);
  auto opened = CaptureReader::Open({Plain("[" + good + "," + GetParam().text)});
  ASSERT_TRUE(opened) << opened.error().message;
  const auto summary = Summarise(**opened);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().reason, "CAPTURE_BROKEN");
  EXPECT_NE(summary.error().message.find(GetParam().says), std::string::npos)
      << summary.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, BrokenCaptureTest,
    testing::Values(
        BrokenCase{"CutOff", R"({"ltpc":{"ltp":)", "cut off after object 1"},
        BrokenCase{"NoEnd", "", "cut off after object 1"},
        BrokenCase{"NotJson", "{]}]", "element 2: not JSON"},
        BrokenCase{"NotAnObject", "7]", "no object"},
        BrokenCase{"NoKey", R"({"ltpc":{},"_insertion_time":"2025-12-15 09:00:00"}])",
                   "element 2: no instrumentKey"},
        BrokenCase{"NoTime", R"({"ltpc":{},"instrumentKey":"A"}])", "no _insertion_time"},
        BrokenCase{"BadTime", R"({"ltpc":{},"instrumentKey":"A","_insertion_time":"noon"}])",
                   "is no time"},
        BrokenCase{"NoFeed", R"({"instrumentKey":"A","_insertion_time":"2025-12-15 09:00:00"}])",
                   "no feed"},
        BrokenCase{
            "UnknownField",
            R"({"ltpc":{"lpt":1},"instrumentKey":"A","_insertion_time":"2025-12-15 09:00:00"}])",
            "unknown field lpt"},
        BrokenCase{
            "BadNumber",
            R"({"ltpc":{"ltt":"1x"},"instrumentKey":"A","_insertion_time":"2025-12-15 09:00:00"}])",
            "an integer was expected"}),
    CaseName{});

TEST_F(CaptureFileTest, RefusesWhatItCannotOpenOrUnzip) {
  EXPECT_EQ(CaptureReader::Open({folder_ / "none"}).error().reason, "CAPTURE_UNREADABLE");
  std::string elements = "[" + Element("A", "09:32:49", 0);
  for (int i = 1; i < 2'000; ++i) elements += "," + Element("A", "09:32:49", i);
  auto cut = CaptureReader::Open({Gzip(elements + "]", 100)});
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(Summarise(**cut).error().reason, "CAPTURE_BROKEN");
}

TEST_F(CaptureFileTest, ReadsBackTheMasterThatIsWritten) {
  const std::vector<Listing> made = GenerateMaster(1, {.year = 2025, .month = 12, .day = 15});
  const auto read = ReadMaster(Gzip(ToJson(made)));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), made.size());
  EXPECT_EQ(ToJson(*read), ToJson(made));
  EXPECT_EQ(ReadMaster(folder_ / "none").error().reason, "MASTER_UNREADABLE");
  const auto broken = ReadMaster(Plain(R"([{"segment":"NSE_EQ","instrument_key":"k"},{"a":1}])"));
  EXPECT_EQ(broken.error().reason, "MASTER_BROKEN");
  EXPECT_NE(broken.error().message.find("record 2: no instrument_key"), std::string::npos);
}

/// Serves captures flat out to one subscriber of everything, and compares every message with the
/// recorded element, as protobuf's own JSON reader understands it.
class RecordedDay {
 public:
  explicit RecordedDay(std::vector<std::string> paths) : paths_{std::move(paths)} {
    for (const std::string& path : paths_) {
      auto file = JsonArrayFile::Open(path);
      Check(file.has_value(), "the capture opens");
      std::string text;
      while (file->Next(text).value()) Expect(text);
    }
  }

  void ServeAndCompare() {
    auto reader = CaptureReader::Open(paths_);
    ASSERT_TRUE(reader) << reader.error().message;
    const auto summary = Summarise(**reader);
    ASSERT_TRUE(summary) << summary.error().message;
    std::vector<Listing> listings;
    AddMissing(*summary, listings);
    const Master master{std::move(listings)};
    ManualClock clock;
    ReplayMarket market{master, **reader, *summary, {.speed = 0}, clock.Now()};
    FeedSession session{market, {}};
    session.Open(clock.Now());
    nlohmann::json request{{"method", "sub"}, {"data", {{"mode", "full"}}}};
    for (const auto& [key, count] : summary->elements_by_key) {
      request["data"]["instrumentKeys"].push_back(key);
    }
    EXPECT_FALSE(session.OnRequest(request.dump(), true, clock.Now())) << "nothing is known yet";
    std::int64_t current_ms = 0;
    while (market.phase() != MarketPhase::kEnded) {
      for (const FeedFrame& frame :
           session.OnUpdates(market.Advance(clock.Now(), 64), clock.Now())) {
        if (frame.type == FeedFrame::Type::kMarketInfo) continue;
        pb::FeedResponse parsed;
        ASSERT_TRUE(parsed.ParseFromString(EncodeFeedFrame(frame)));
        EXPECT_EQ(parsed.type(), pb::live_feed);
        EXPECT_GE(parsed.currentts(), current_ms);
        current_ms = parsed.currentts();
        for (const auto& [key, feed] : parsed.feeds()) Compare(key, feed);
      }
      if (testing::Test::HasFailure()) return;
    }
    for (const auto& [key, feeds] : expected_) EXPECT_EQ(at_[key], feeds.size()) << key;
  }

  std::size_t elements() const {
    std::size_t sum = 0;
    for (const auto& [key, feeds] : expected_) sum += feeds.size();
    return sum;
  }

 private:
  void Expect(const std::string& text) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;  // the recorder's two
    pb::Feed feed;
    Check(google::protobuf::util::JsonStringToMessage(text, &feed, options).ok(), "it is a Feed");
    const auto json = nlohmann::json::parse(text);
    expected_[json.at("instrumentKey").get<std::string>()].push_back(feed.SerializeAsString());
  }

  void Compare(const std::string& key, const pb::Feed& feed) {
    const std::size_t at = at_[key]++;
    ASSERT_LT(at, expected_[key].size());
    EXPECT_EQ(feed.SerializeAsString(), expected_[key][at]) << key << ' ' << at;
  }

  std::vector<std::string> paths_;
  std::map<std::string, std::vector<std::string>> expected_;
  std::map<std::string, std::size_t> at_;
};

TEST_F(CaptureFileTest, ServesEveryElementOnceAndUnchanged) {
  std::string text = "[";
  for (int i = 0; i < 500; ++i) {
    text += (i > 0 ? "," : "") + Element(i % 3 == 0 ? "NSE_EQ|A" : "NSE_EQ|B", "09:32:49", i);
  }
  RecordedDay day{{Gzip(text + "]")}};
  EXPECT_EQ(day.elements(), 500U);
  day.ServeAndCompare();
}

TEST(RecordedDayTest, IsServedElementByElement) {
  const char* const set = std::getenv("SAUDA_REAL_DATA");
  const std::filesystem::path folder =
      std::filesystem::path{set != nullptr ? set : SAUDA_REAL_DATA_DEFAULT} / "feed";
  std::vector<std::string> paths;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& file : std::filesystem::directory_iterator{folder}) {
      paths.push_back(file.path().string());
    }
  }
  if (paths.empty()) GTEST_SKIP() << "no recorded feed in " << folder << " (SAUDA_REAL_DATA)";
  RecordedDay day{std::move(paths)};
  EXPECT_EQ(day.elements(), 45'387U);
  day.ServeAndCompare();
}

}  // namespace
}  // namespace sauda::sim
