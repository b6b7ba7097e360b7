// Every recorded message arrives: at a gRPC subscriber, as a browser's event or a counted
// conflation, and as a row, each field as it was recorded. Once with a capture made here, and once
// with the real recordings and the real master where they are.

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/stack.hpp"
#include "tests/system/message.hpp"
#include "tests/system/tick_reader.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using feed::v1alpha1::StreamTicksRequest;
using testing::IsEmpty;

constexpr std::chrono::milliseconds kArrival = 120s;

/// What a run is given and what it must show.
struct Case {
  std::vector<std::string> captures;
  std::vector<std::string> simulator;  ///< further arguments
};

class CaptureTest : public testing::Test {
 protected:
  /// Starts everything; the readers listen before the login lets the feed connect, so the replay,
  /// which begins with the feed's subscription, finds them all there.
  void Replay(const Case& of) {
    expected_ = ReadCaptures(of.captures);
    std::vector<std::string> arguments{"--market", "replay", "--speed", "max"};
    for (const auto& file : of.captures) {
      arguments.insert(arguments.end(), {"--capture", file});
    }
    arguments.insert(arguments.end(), of.simulator.begin(), of.simulator.end());
    stack_ = std::make_unique<Stack>(Stack::Options{.simulator = arguments});
    stack_->StartAll();
    report_ = nlohmann::json::parse(stack_->SyncInstruments());
    StreamTicksRequest request;
    for (const auto& [key, messages] : expected_) request.add_add(key);
    request.set_policy(feed::v1alpha1::OVERFLOW_POLICY_DROP_OLDEST);
    request.set_buffer_ticks(65'536);
    reader_ = std::make_unique<TickReader>(stack_->Address("feed"), request);
    OpenBrowser();
    stack_->LogIn();
    EXPECT_TRUE(reader_->WaitFor(CountOf(expected_), kArrival))
        << reader_->count() << " of " << CountOf(expected_) << stack_->Log("feed");
  }

  void OpenBrowser() {
    std::string symbols;
    for (const auto& [key, messages] : expected_) {
      std::string encoded = key;
      encoded.replace(encoded.find('|'), 1, "%7C");
      symbols += (symbols.empty() ? "" : ",") + encoded;
    }
    EXPECT_TRUE(WaitUntil([&] {  // else the stream is refused: the feed does not answer yet
      const std::string body = stack_->Get("/api/v1/market/market-feed/status").body;
      return body.find("\"service_running\":true") != std::string::npos;
    })) << stack_->Log("gateway");
    sse_file_ = stack_->folder() + "/sse";
    browser_ = std::make_unique<Process>(Process::Command{
        .arguments = {"curl", "-sN",
                      stack_->GatewayUrl() + "/api/v1/market/stream?symbols=" + symbols},
        .output_file = sse_file_});
    // Only then does the gateway itself listen to the feed; before, the stream says FEED_DOWN.
    EXPECT_TRUE(WaitUntil([&] {
      return ReadText(sse_file_).find("\"connection\":\"WAITING_FOR_TOKEN\"") != std::string::npos;
    })) << ReadText(sse_file_)
        << stack_->Log("gateway");
  }

  void ExpectAllByGrpc() {
    EXPECT_EQ(reader_->dropped(), 0U);
    EXPECT_EQ(reader_->conflated(), 0U);
    EXPECT_THAT(reader_->problems(), IsEmpty());
    const Recording received = reader_->received();
    for (const auto& [key, messages] : expected_) ExpectSame(key, messages, received);
  }

  static void ExpectSame(const std::string& key, const std::vector<Message>& messages,
                         const Recording& received) {
    const auto found = received.find(key);
    ASSERT_NE(found, received.end()) << key;
    ASSERT_EQ(found->second.size(), messages.size()) << key;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_EQ(found->second[i], messages[i]) << key << " message " << i;
    }
  }

  struct Browsed {
    Recording events;
    std::size_t conflated = 0;
    std::size_t lost = 0;
  };

  Browsed ReadBrowser() const {
    Browsed browsed;
    std::istringstream text{ReadText(sse_file_)};
    std::string event;
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("event: ")) event = line.substr(7);
      if (!line.starts_with("data: ") || text.eof()) continue;  // no end: still being written
      const std::string data = line.substr(6);
      if (event == "conflated")
        browsed.conflated += nlohmann::json::parse(data)["count"].get<std::size_t>();
      if (event == "lost") browsed.lost += nlohmann::json::parse(data)["count"].get<std::size_t>();
      if (event != "tick") continue;
      SseTick tick = FromSse(data);
      EXPECT_TRUE(tick.simulated);
      if (!tick.snapshot) browsed.events[tick.key].push_back(std::move(tick.message));
    }
    return browsed;
  }

  /// Events are the recorded messages in their order; those that are not there were counted.
  void ExpectAllInBrowser() {
    Browsed browsed;
    EXPECT_TRUE(WaitUntil(
        [&] {
          browsed = ReadBrowser();
          return CountOf(browsed.events) + browsed.conflated + browsed.lost >= CountOf(expected_);
        },
        kArrival));
    EXPECT_EQ(CountOf(browsed.events) + browsed.conflated, CountOf(expected_));
    EXPECT_EQ(browsed.lost, 0U);
    for (const auto& [key, events] : browsed.events) {
      const auto& messages = expected_.at(key);
      std::size_t at = 0;
      for (const auto& event : events) {
        while (at < messages.size() && messages[at] != event) ++at;
        ASSERT_LT(at++, messages.size()) << key << ": an event that was not recorded: " << event;
      }
    }
    std::cout << "browser: " << CountOf(browsed.events) << " events, " << browsed.conflated
              << " conflated, of " << CountOf(expected_) << "\n";
  }

  void ExpectAllInDatabase() {
    const auto count = [&] {
      return std::stoull(
          "0" + stack_->postgres().Sql("sauda", "SELECT count(*) FROM feed.ticks WHERE simulated"));
    };
    EXPECT_TRUE(WaitUntil([&] { return count() >= CountOf(expected_); }, kArrival))
        << count() << stack_->Log("feed");
    EXPECT_EQ(count(), CountOf(expected_));
    std::istringstream rows{stack_->postgres().Sql(
        "sauda", "SELECT row_to_json(t) FROM feed.ticks t ORDER BY instance, seq")};
    Recording stored;
    for (std::string line; std::getline(rows, line);) {
      const auto row = nlohmann::json::parse(line);
      stored[row["instrument_key"]].push_back(FromRow(row));
    }
    for (const auto& [key, messages] : expected_) ExpectSame(key, messages, stored);
  }

  Recording expected_;
  std::unique_ptr<Stack> stack_;
  nlohmann::json report_;
  std::unique_ptr<TickReader> reader_;
  std::unique_ptr<Process> browser_;
  std::string sse_file_;
};

/// A master of a few records that the made capture needs, as the broker writes them.
std::string MadeMaster() {
  return R"([
{"segment":"NSE_EQ","name":"MAX HEALTHCARE INS LTD","exchange":"NSE","isin":"INE027H01010","instrument_type":"EQ","instrument_key":"NSE_EQ|INE027H01010","lot_size":1,"freeze_quantity":100000.0,"exchange_token":"22377","tick_size":10.0,"trading_symbol":"MAXHEALTH","qty_multiplier":1.0,"security_type":"NORMAL"},
{"segment":"NSE_INDEX","name":"Nifty Bank","exchange":"NSE","instrument_type":"INDEX","instrument_key":"NSE_INDEX|Nifty Bank","exchange_token":"26009","trading_symbol":"BANKNIFTY"},
{"weekly":false,"segment":"NSE_FO","name":"BANKNIFTY","exchange":"NSE","expiry":1767119399000,"instrument_type":"CE","asset_symbol":"BANKNIFTY","underlying_symbol":"BANKNIFTY","instrument_key":"NSE_FO|60166","lot_size":35,"freeze_quantity":600.0,"exchange_token":"60166","minimum_lot":35,"asset_key":"NSE_INDEX|Nifty Bank","underlying_key":"NSE_INDEX|Nifty Bank","tick_size":5.0,"asset_type":"INDEX","underlying_type":"INDEX","trading_symbol":"BANKNIFTY 60000 CE 30 DEC 25","strike_price":60000.0,"qty_multiplier":1.0}
])";
}

TEST_F(CaptureTest, SmokeOfAMadeCaptureArrivesWhole) {
  const TempFolder folder;
  const std::string option = folder.path() + "/option.json.gz";
  const std::string equity = folder.path() + "/equity.json.gz";
  const std::string master = folder.path() + "/master.json";
  WriteCapture(option, "NSE_FO|60166", MadeMessages(3'000, true), 20);
  WriteCapture(equity, "NSE_EQ|INE027H01010", MadeMessages(1'500, false), 45);
  std::ofstream{master} << MadeMaster();
  Replay({.captures = {option, equity}, .simulator = {"--instruments", master}});
  EXPECT_EQ(report_["data"]["records"], 3);
  ExpectAllByGrpc();
  ExpectAllInBrowser();
  ExpectAllInDatabase();
}

TEST_F(CaptureTest, TheRealRecordingsArriveWhole) {
  const std::string data = RealData();
  if (data.empty()) GTEST_SKIP() << "the real recordings are not here; see SAUDA_REAL_DATA";
  Replay(
      {.captures = {data + "/feed/upstox_v3_full_2025-12-15_NSE_EQ_INE027H01010.json.gz",
                    data + "/feed/upstox_v3_full_2025-12-15_NSE_FO_60166.json.gz"},
       .simulator = {"--instruments", data + "/instruments/upstox_complete_2025-11-24.json.gz"}});
  EXPECT_EQ(CountOf(expected_), 45'387U);
  EXPECT_EQ(report_["data"]["records"], 126'978);
  const nlohmann::json segments{{"NSE_EQ", 8'488}, {"NSE_INDEX", 134},  {"NSE_FO", 38'752},
                                {"NCD_FO", 8'754}, {"NSE_COM", 18'866}, {"BSE_EQ", 12'689},
                                {"BSE_INDEX", 70}, {"BSE_FO", 4'843},   {"BCD_FO", 9'168},
                                {"MCX_FO", 25'214}};
  EXPECT_EQ(report_["data"]["segments"], segments);
  ExpectAllByGrpc();
  ExpectAllInBrowser();
  ExpectAllInDatabase();
}

}  // namespace
}  // namespace sauda::test
