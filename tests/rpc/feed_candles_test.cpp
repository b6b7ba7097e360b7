#include <atomic>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/candle_script.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/history_server.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

constexpr const char* kKey = "NSE_FO|1";

Candle BarAt(const std::string& at, double close, bool complete = true) {
  return {.start_ms = At(at),
          .open = 1,
          .high = 9,
          .low = 1,
          .close = close,
          .volume = 5,
          .trades = 2,
          .complete = complete};
}

/// `10:00 <close>` of each, with `...` behind one that runs.
std::string TextOfBars(const auto& candles) {
  std::string text;
  for (const v1alpha1::Candle& bar : candles) {
    text += (text.empty() ? "" : ", ") + HourMinute(bar.start_ms()) + " " + Number(bar.close()) +
            (bar.complete() ? "" : "...");
  }
  return text;
}

std::string TextOfBatch(const v1alpha1::CandleBatch& batch) {
  std::string text;
  for (const auto& update : batch.updates()) {
    text += (text.empty() ? "" : "; ") + update.instrument_key() + " " +
            TextOfBars(std::vector{update.candle()});
  }
  return text;
}

class GetCandlesTest : public testing::Test {
 protected:
  GetCandlesTest() {
    request_.set_name(kKey);
    request_.set_from_ms(At("09:00:00"));
    request_.set_to_ms(At("15:00:00"));
  }
  Result<v1alpha1::GetCandlesResponse> Get() {
    grpc::ClientContext context;
    v1alpha1::GetCandlesResponse response;
    const auto status = server_.stub().GetCandles(&context, request_, &response);
    if (!status.ok()) return rpc::FromStatus(status);
    return response;
  }
  void Store(const std::vector<Candle>& minutes, const std::string& key = kKey) {
    std::vector<StoredCandle> bars;
    for (const Candle& minute : minutes) bars.push_back({key, minute});
    ASSERT_TRUE(server_.stored_candles().Append(bars, nullptr));
  }
  HistoryServer server_;
  v1alpha1::GetCandlesRequest request_;
};

TEST_F(GetCandlesTest, EveryFieldComes) {
  Candle bar = BarAt("09:20:00", 5);
  bar.high = 8;
  bar.low = 0.5;
  bar.edge_volume = 3;
  bar.open_interest = 70;
  bar.revised = 4;
  for (bool* const mark : {&bar.partial, &bar.estimated, &bar.gap, &bar.simulated}) *mark = true;
  Store({bar, BarAt("09:21:00", 6)});
  const auto got = Get();
  ASSERT_TRUE(got);
  ASSERT_EQ(got->candles_size(), 2);
  EXPECT_EQ(got->instrument_key(), kKey);
  EXPECT_EQ(got->candles(0).ShortDebugString(),
            "start_ms: " + std::to_string(bar.start_ms) +
                " open: 1 high: 8 low: 0.5 close: 5 volume: 5 edge_volume: 3 open_interest: 70"
                " trades: 2 revised: 4 complete: true partial: true estimated: true gap: true"
                " simulated: true");
}

TEST_F(GetCandlesTest, TheRunningOneComesFromMemoryAndLongerOnesAreSums) {
  Store({BarAt("09:20:00", 5), BarAt("09:21:00", 6)});
  server_.candles().Set(kKey, {BarAt("09:21:00", 6.5), BarAt("09:22:00", 7, false)});
  EXPECT_EQ(TextOfBars(Get()->candles()), "09:20 5, 09:21 6.5, 09:22 7...");
  request_.set_interval(v1alpha1::CANDLE_INTERVAL_5M);
  EXPECT_EQ(TextOfBars(Get()->candles()), "09:20 7...");
}

TEST_F(GetCandlesTest, PagesHoldThemAll) {
  Store({BarAt("09:20:00", 1), BarAt("09:21:00", 2), BarAt("09:22:00", 3)});
  request_.set_page_size(2);
  auto page = Get();
  EXPECT_EQ(TextOfBars(page->candles()), "09:20 1, 09:21 2");
  request_.set_page_token(page->next_page_token());
  page = Get();
  EXPECT_EQ(TextOfBars(page->candles()), "09:22 3");
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(GetCandlesTest, AllOfTimeIsATime) {
  Store({BarAt("09:20:00", 1)});
  request_.set_interval(v1alpha1::CANDLE_INTERVAL_1D);
  request_.set_from_ms(std::numeric_limits<std::int64_t>::min());
  request_.set_to_ms(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(TextOfBars(Get()->candles()), "09:15 1...");
}

TEST_F(GetCandlesTest, ASymbolIsAName) {
  Store({BarAt("09:20:00", 1)}, "S1");
  request_.set_name("S1");
  EXPECT_EQ(Get()->candles_size(), 1);
}

struct CandlesCase {
  std::string name;
  void (*spoil)(v1alpha1::GetCandlesRequest&);
  std::string reason;
};

class GetCandlesRefusalTest : public GetCandlesTest,
                              public testing::WithParamInterface<CandlesCase> {};

TEST_P(GetCandlesRefusalTest, GivesTheReason) {
  GetParam().spoil(request_);
  const auto got = Get();
  EXPECT_EQ(got ? "" : got.error().reason, GetParam().reason);
}

using CandlesRequest = v1alpha1::GetCandlesRequest;
INSTANTIATE_TEST_SUITE_P(
    Requests, GetCandlesRefusalTest,
    testing::Values(
        CandlesCase{"NoName", [](CandlesRequest& r) { r.clear_name(); }, "NO_INSTRUMENTS"},
        CandlesCase{"NulInTheName", [](CandlesRequest& r) { r.mutable_name()->append(1, '\0'); },
                    "NAME_INVALID"},
        CandlesCase{"UnknownSymbol", [](CandlesRequest& r) { r.set_name("X"); },
                    "INSTRUMENT_UNKNOWN"},
        CandlesCase{"NoTime", [](CandlesRequest& r) { r.set_to_ms(r.from_ms()); }, "RANGE_EMPTY"},
        CandlesCase{
            "UnknownInterval",
            [](CandlesRequest& r) { r.set_interval(static_cast<v1alpha1::CandleInterval>(8)); },
            "INTERVAL_UNKNOWN"},
        CandlesCase{"LargestPage", [](CandlesRequest& r) { r.set_page_size(5'000); }, ""},
        CandlesCase{"PageTooLarge", [](CandlesRequest& r) { r.set_page_size(5'001); },
                    "PAGE_SIZE_INVALID"},
        CandlesCase{"BadToken", [](CandlesRequest& r) { r.set_page_token("5x"); },
                    "PAGE_TOKEN_INVALID"},
        CandlesCase{"TokenBeforeTheTime", [](CandlesRequest& r) { r.set_page_token("5"); },
                    "PAGE_TOKEN_INVALID"},
        CandlesCase{"OtherAccount", [](CandlesRequest& r) { r.set_account_id("x"); },
                    "ACCOUNT_UNKNOWN"}),
    CaseName{});

class CandleReader {
 public:
  CandleReader(v1alpha1::HistoryService::Stub& stub,
               const v1alpha1::StreamCandlesRequest& request) {
    context_.set_deadline(std::chrono::system_clock::now() + 1min);
    call_ = stub.StreamCandles(&context_, request);
  }
  /// The next batch; `end` at the end.
  std::string Read() {
    v1alpha1::CandleBatch batch;
    return call_->Read(&batch) ? TextOfBatch(batch) : "end";
  }
  std::string Finish() {
    const grpc::Status status = call_->Finish();
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1alpha1::CandleBatch>> call_;
};

class StreamCandlesTest : public testing::Test {
 protected:
  static v1alpha1::StreamCandlesRequest Of(const std::vector<std::string>& names) {
    v1alpha1::StreamCandlesRequest request;
    for (const auto& name : names) request.add_names(name);
    return request;
  }
  /// The next batch, while the bars are looked at again and again.
  std::string ReadTurning(CandleReader& reader) {
    std::atomic<bool> read{false};
    std::thread turning{[&] {
      while (!read) {
        server_.service().TurnCandles();
        std::this_thread::yield();
      }
    }};
    std::string text = reader.Read();
    read = true;
    turning.join();
    return text;
  }
  std::string Ending(const v1alpha1::StreamCandlesRequest& request) {
    CandleReader reader{server_.stub(), request};
    EXPECT_EQ(reader.Read(), "end");
    return reader.Finish();
  }
  HistoryServer server_;
};

TEST_F(StreamCandlesTest, TheRunningOneFirstAndThenWhatChanged) {
  server_.candles().Set("A|1", {BarAt("09:20:00", 1), BarAt("09:21:00", 2, false)});
  server_.candles().Set("A|9", {BarAt("09:20:00", 1)});
  CandleReader reader{server_.stub(), Of({"A|2", "A|1"})};
  EXPECT_EQ(reader.Read(), "A|1 09:21 2...");
  server_.candles().Set("A|1",
                        {BarAt("09:20:00", 1), BarAt("09:21:00", 3), BarAt("09:22:00", 4, false)});
  server_.candles().Set("A|2", {BarAt("09:22:00", 7, false)});
  server_.clock().Advance(CandleStream::kLeastGap);
  EXPECT_EQ(ReadTurning(reader), "A|1 09:21 3; A|1 09:22 4...; A|2 09:22 7...");
  server_.candles().Set(
      "A|1", {BarAt("09:20:00", 1.5), BarAt("09:21:00", 3), BarAt("09:22:00", 4, false)});
  server_.clock().Advance(CandleStream::kLeastGap);
  EXPECT_EQ(ReadTurning(reader), "A|1 09:20 1.5") << "a late trade revised it";
  reader.Cancel();
}

TEST_F(StreamCandlesTest, LookingOftenerThanAFewTimesASecondSendsNoMore) {
  CandleReader reader{server_.stub(), Of({"A|1"})};
  EXPECT_EQ(reader.Read(), "") << "nothing to tell, but followed";
  server_.candles().Set("A|1", {BarAt("09:20:00", 1, false)});
  server_.clock().Advance(CandleStream::kLeastGap - 1ms);
  server_.service().TurnCandles();
  server_.candles().Set("A|1", {BarAt("09:20:00", 2, false)});
  server_.clock().Advance(1ms);
  EXPECT_EQ(ReadTurning(reader), "A|1 09:20 2...") << "the first of the two was never sent";
  reader.Cancel();
}

TEST_F(StreamCandlesTest, LongerBarsAreThoseOfTheirInterval) {
  server_.candles().Set("A|1", {BarAt("09:22:00", 2, false)});
  server_.candles().Set("A|1", {BarAt("09:20:00", 3, false)}, Interval::k5m);
  auto request = Of({"A|1"});
  request.set_interval(v1alpha1::CANDLE_INTERVAL_5M);
  CandleReader reader{server_.stub(), request};
  EXPECT_EQ(reader.Read(), "A|1 09:20 3...");
  reader.Cancel();
}

TEST_F(StreamCandlesTest, ReadersOfHistoryHoldThemUpNever) {
  server_.history().Hold(true);
  grpc::ClientContext contexts[4];
  std::vector<std::unique_ptr<grpc::ClientReader<v1alpha1::HistoryBatch>>> readers;
  for (auto& context : contexts) {
    v1alpha1::StreamHistoryRequest all;
    all.set_to_ns(1);
    all.add_names("A|1");
    readers.push_back(server_.stub().StreamHistory(&context, all));
  }
  EXPECT_TRUE(Eventually([&] { return server_.history().reads() == 2; })) << "both workers";
  CandleReader reader{server_.stub(), Of({"A|1"})};
  EXPECT_EQ(reader.Read(), "");
  server_.history().Hold(false);
}

TEST_F(StreamCandlesTest, ACallerThatGoesAwayIsForgotten) {
  CandleReader reader{server_.stub(), Of({"A|1"})};
  EXPECT_EQ(reader.Read(), "");
  reader.Cancel();
  EXPECT_TRUE(Eventually([&] { return server_.metrics().candle_streams.Value() == 0; }));
}

TEST_F(StreamCandlesTest, OnlySoManyAreOpenAndTheEndOfTheServiceEndsThem) {
  std::vector<std::unique_ptr<CandleReader>> readers;
  for (std::size_t i = 0; i < HistoryService::kMostCandleStreams; ++i) {
    readers.push_back(std::make_unique<CandleReader>(server_.stub(), Of({"A|1"})));
    EXPECT_EQ(readers.back()->Read(), "");
  }
  EXPECT_EQ(Ending(Of({"A|1"})), "BUSY");
  server_.service().EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "bye"});
  for (const auto& reader : readers) {
    EXPECT_EQ(reader->Read(), "end");
    EXPECT_EQ(reader->Finish(), "SHUTTING_DOWN");
  }
}

TEST_F(StreamCandlesTest, BadRequestsAreRefused) {
  EXPECT_EQ(Ending({}), "NO_INSTRUMENTS");
  EXPECT_EQ(Ending(Of({"X"})), "INSTRUMENT_UNKNOWN");
  EXPECT_EQ(Ending(Of({std::string{"A|1\0", 4}})), "NAME_INVALID");
  EXPECT_EQ(Ending(Of(std::vector<std::string>(501, "A|1"))), "TOO_MANY_INSTRUMENTS");
  auto request = Of({"A|1"});
  request.set_account_id("x");
  EXPECT_EQ(Ending(request), "ACCOUNT_UNKNOWN");
  request = Of({"A|1"});
  request.set_interval(static_cast<v1alpha1::CandleInterval>(8));
  EXPECT_EQ(Ending(request), "INTERVAL_UNKNOWN");
}

}  // namespace
}  // namespace sauda::feed
