#include <limits>

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "services/feed/src/rpc/history_codec.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/history_server.hpp"
#include "tests/support/random_ticks.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

v1alpha1::StreamHistoryRequest All() {
  v1alpha1::StreamHistoryRequest request;
  request.set_to_ns(kForever);
  return request;
}

/// One StreamHistory call of a test; what never comes ends it, so that a test fails instead of
/// hanging.
class HistoryReader {
 public:
  HistoryReader(v1alpha1::HistoryService::Stub& stub,
                const v1alpha1::StreamHistoryRequest& request) {
    context_.set_deadline(std::chrono::system_clock::now() + 1min);
    call_ = stub.StreamHistory(&context_, request);
  }
  std::optional<v1alpha1::HistoryBatch> Read() {
    v1alpha1::HistoryBatch batch;
    if (!call_->Read(&batch)) return std::nullopt;
    return batch;
  }
  std::vector<v1alpha1::HistoryBatch> ReadAll() {
    std::vector<v1alpha1::HistoryBatch> batches;
    while (auto batch = Read()) batches.push_back(std::move(*batch));
    return batches;
  }
  /// Empty: it came to its end.
  std::string Finish() {
    const grpc::Status status = call_->Finish();
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1alpha1::HistoryBatch>> call_;
};

std::vector<std::uint64_t> SeqsOf(const std::vector<v1alpha1::HistoryBatch>& batches) {
  std::vector<std::uint64_t> seqs;
  for (const auto& batch : batches) {
    for (const auto& tick : batch.ticks()) seqs.push_back(tick.seq());
  }
  return seqs;
}

class StreamHistoryTest : public testing::Test {
 protected:
  std::vector<v1alpha1::HistoryBatch> ReadAll(const v1alpha1::StreamHistoryRequest& request) {
    HistoryReader reader{server_.stub(), request};
    auto batches = reader.ReadAll();
    EXPECT_EQ(reader.Finish(), "");
    return batches;
  }
  std::string Ending(const v1alpha1::StreamHistoryRequest& request) {
    HistoryReader reader{server_.stub(), request};
    (void)reader.ReadAll();
    return reader.Finish();
  }
  /// Ticks of one instrument, many pages of them.
  void PutMany(std::size_t count) {
    std::vector<Tick> ticks;
    for (std::uint64_t seq = 1; seq <= count; ++seq) {
      ticks.push_back(TickOf(seq));
      ticks.back().depth.resize(5, {1, 2, 3, 4});
    }
    server_.history().Put("run1", ticks);
  }

  HistoryServer server_;
};

TEST_F(StreamHistoryTest, EveryTickComesAsItWasPublished) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  RandomTicks random{seed};
  const auto ticks = random.Next(3'000);
  server_.history().Put("run1", ticks);
  ProtoTickEncoder encoder;
  std::size_t next = 0;
  for (const auto& batch : ReadAll(All())) {
    EXPECT_EQ(batch.instance(), "run1");
    EXPECT_EQ(batch.count(), static_cast<std::uint32_t>(batch.ticks_size()));
    EXPECT_LE(batch.ByteSizeLong(), 70'000U);
    for (const auto& tick : batch.ticks()) {
      ASSERT_LT(next, ticks.size());
      v1alpha1::TickBatch published;
      ASSERT_TRUE(published.ParseFromString(*encoder.Encode(0, ticks[next++]).bytes));
      ASSERT_TRUE(MessageDifferencer::Equals(tick, published.ticks(0))) << next;
    }
  }
  EXPECT_EQ(next, ticks.size());
}

TEST_F(StreamHistoryTest, NamesAreKeysOrSymbolsAndKeysNeedNobody) {
  server_.history().Put("run1", {TickOf(1, "S1"), TickOf(2, "X|UNKNOWN"), TickOf(3, "S2")});
  auto request = All();
  request.add_names("X|UNKNOWN");
  EXPECT_THAT(SeqsOf(ReadAll(request)), ElementsAre(2));
  request.add_names("S1");
  request.add_names("S1");
  EXPECT_THAT(SeqsOf(ReadAll(request)), ElementsAre(1, 2));
  request.add_names("NOBODY");
  EXPECT_EQ(Ending(request), "INSTRUMENT_UNKNOWN");
}

TEST_F(StreamHistoryTest, RunsHaveBatchesOfTheirOwn) {
  server_.history().Put("a", {TickOf(1), TickOf(3)});
  server_.history().Put("b", {TickOf(2)});
  std::vector<std::string> runs;
  for (const auto& batch : ReadAll(All())) runs.push_back(batch.instance());
  EXPECT_THAT(runs, ElementsAre("a", "b", "a"));
}

TEST_F(StreamHistoryTest, GapsThatTouchTheTimeComeFirst) {
  std::vector<Gap> gaps;
  for (std::uint64_t i = 1; i <= 450; ++i) {
    gaps.push_back({.number = i,
                    .from_ns = TickOf(i).received_ns,
                    .to_ns = TickOf(i).received_ns,
                    .cause = "RESTART",
                    .ticks = i,
                    .detail = "why"});
  }
  server_.history().Put("run1", {TickOf(1)}, gaps);
  auto request = All();
  request.set_from_ns(TickOf(1).received_ns);
  request.set_to_ns(TickOf(450).received_ns);
  std::uint64_t next = 1;
  bool ticks = false;
  for (const auto& batch : ReadAll(request)) {
    EXPECT_FALSE(ticks) << "a gap after a tick";
    ticks = batch.ticks_size() > 0;
    for (const auto& gap : batch.gaps()) {
      EXPECT_EQ(gap.number(), next++);
      EXPECT_EQ(gap.instance(), "run1");
      EXPECT_EQ(gap.cause(), "RESTART");
      EXPECT_EQ(gap.ticks(), gap.number());
      EXPECT_EQ(gap.detail(), "why");
    }
  }
  EXPECT_EQ(next, 450U) << "the last one begins at the end of the time";
  EXPECT_TRUE(ticks);
}

TEST_F(StreamHistoryTest, ABrokenStreamGoesOnWhereItBroke) {
  PutMany(2'500);
  std::vector<std::uint64_t> seqs;
  auto request = All();
  HistoryReader first{server_.stub(), request};
  for (int i = 0; i < 3; ++i) {
    const auto batch = first.Read();
    ASSERT_TRUE(batch);
    for (const auto& tick : batch->ticks()) seqs.push_back(tick.seq());
    request.set_resume_token(batch->resume_token());
  }
  first.Cancel();
  const auto rest = SeqsOf(ReadAll(request));
  seqs.insert(seqs.end(), rest.begin(), rest.end());
  ASSERT_EQ(seqs.size(), 2'500U);
  for (std::size_t i = 0; i < seqs.size(); ++i) ASSERT_EQ(seqs[i], i + 1);
}

TEST_F(StreamHistoryTest, TheMostTicksAreKept) {
  PutMany(2'500);
  auto request = All();
  request.set_max_ticks(1'001);
  EXPECT_EQ(SeqsOf(ReadAll(request)).size(), 1'001U);
}

TEST_F(StreamHistoryTest, NothingStoredIsAnEnd) {
  EXPECT_THAT(ReadAll(All()), IsEmpty());
  EXPECT_TRUE(Eventually([&] { return server_.metrics().history_streams.Value() == 0; }));
}

TEST_F(StreamHistoryTest, AFailureOfTheStoreEndsIt) {
  server_.history().Fail(Error{Code::kUnavailable, "DATABASE_DOWN", "no database"});
  EXPECT_EQ(Ending(All()), "DATABASE_DOWN");
}

TEST_F(StreamHistoryTest, AReaderThatStopsHoldsOnePageAndIsEnded) {
  PutMany(150'000);
  HistoryReader reader{server_.stub(), All()};
  ASSERT_TRUE(reader.Read());
  // Once the wire is full a page waits, no other is read, and the limit passes.
  ASSERT_TRUE(Eventually([&] {
    server_.clock().Advance(1s);
    server_.Beat();
    return server_.metrics().history_streams.Value() == 0;
  }));
  EXPECT_EQ(server_.metrics().slow_consumers.Value(), 1);
  EXPECT_LT(server_.history().reads(), 100) << "of 151";
}

TEST_F(StreamHistoryTest, ACallerThatGoesAwayIsForgotten) {
  PutMany(30'000);
  HistoryReader reader{server_.stub(), All()};
  ASSERT_TRUE(reader.Read());
  reader.Cancel();
  EXPECT_TRUE(Eventually([&] { return server_.metrics().history_streams.Value() == 0; }));
}

TEST_F(StreamHistoryTest, OnlySoManyAreReadAtOnce) {
  PutMany(30'000);
  std::vector<std::unique_ptr<HistoryReader>> readers;
  for (std::size_t i = 0; i < HistoryService::kMostHistoryStreams; ++i) {
    readers.push_back(std::make_unique<HistoryReader>(server_.stub(), All()));
    ASSERT_TRUE(readers.back()->Read());
  }
  EXPECT_EQ(Ending(All()), "BUSY");
  readers.clear();
}

TEST_F(StreamHistoryTest, TheEndOfTheServiceEndsIt) {
  PutMany(30'000);
  HistoryReader reader{server_.stub(), All()};
  ASSERT_TRUE(reader.Read());
  server_.service().EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "bye"});
  (void)reader.ReadAll();
  EXPECT_EQ(reader.Finish(), "SHUTTING_DOWN");
  EXPECT_EQ(Ending(All()), "SHUTTING_DOWN");
}

struct RefusalCase {
  std::string name;
  void (*spoil)(v1alpha1::StreamHistoryRequest&);
  std::string reason;
};

class StreamHistoryRefusalTest : public StreamHistoryTest,
                                 public testing::WithParamInterface<RefusalCase> {};

TEST_P(StreamHistoryRefusalTest, GivesTheReason) {
  auto request = All();
  GetParam().spoil(request);
  EXPECT_EQ(Ending(request), GetParam().reason);
}

using Request = v1alpha1::StreamHistoryRequest;
INSTANTIATE_TEST_SUITE_P(
    Requests, StreamHistoryRefusalTest,
    testing::Values(
        RefusalCase{"OwnAccount", [](Request& r) { r.set_account_id("main"); }, ""},
        RefusalCase{"OtherAccount", [](Request& r) { r.set_account_id("x"); }, "ACCOUNT_UNKNOWN"},
        RefusalCase{"OneNanosecond", [](Request& r) { r.set_from_ns(kForever - 1); }, ""},
        RefusalCase{"NoTime", [](Request& r) { r.set_from_ns(kForever); }, "RANGE_EMPTY"},
        RefusalCase{"MostNames",
                    [](Request& r) {
                      for (int i = 0; i < 5'000; ++i) r.add_names("A|" + std::to_string(i));
                    },
                    ""},
        RefusalCase{"TooManyNames",
                    [](Request& r) {
                      for (int i = 0; i < 5'001; ++i) r.add_names("A|" + std::to_string(i));
                    },
                    "TOO_MANY_INSTRUMENTS"},
        RefusalCase{"NulInAName",
                    [](Request& r) {
                      r.add_names(std::string{"A|1\0B", 5});
                    },
                    "NAME_INVALID"},
        RefusalCase{"GoodToken", [](Request& r) { r.set_resume_token("5.7.run.1"); }, ""},
        RefusalCase{"TokenOfNothing", [](Request& r) { r.set_resume_token("x"); },
                    "RESUME_TOKEN_INVALID"},
        RefusalCase{"TokenCutShort", [](Request& r) { r.set_resume_token("5.7"); },
                    "RESUME_TOKEN_INVALID"},
        RefusalCase{"TokenTooGreat",
                    [](Request& r) { r.set_resume_token("5.9223372036854775808.run"); },
                    "RESUME_TOKEN_INVALID"}),
    CaseName{});

class ListGapsTest : public testing::Test {
 protected:
  ListGapsTest() {
    for (std::uint64_t i = 1; i <= 250; ++i) {
      gaps_.push_back({.number = i,
                       .from_ns = static_cast<std::int64_t>(i),
                       .to_ns = static_cast<std::int64_t>(i),
                       .cause = "RESTART"});
    }
    server_.history().Put("run1", {}, gaps_);
    request_.set_to_ns(kForever);
  }
  Result<v1alpha1::ListGapsResponse> List() {
    grpc::ClientContext context;
    v1alpha1::ListGapsResponse response;
    const auto status = server_.stub().ListGaps(&context, request_, &response);
    if (!status.ok()) return rpc::FromStatus(status);
    return response;
  }
  HistoryServer server_;
  std::vector<Gap> gaps_;
  v1alpha1::ListGapsRequest request_;
};

TEST_F(ListGapsTest, PagesHoldThemAllInOrder) {
  std::uint64_t next = 1;
  std::vector<int> sizes;
  do {
    const auto page = List();
    ASSERT_TRUE(page);
    sizes.push_back(page->gaps_size());
    for (const auto& gap : page->gaps()) EXPECT_EQ(gap.number(), next++);
    request_.set_page_token(page->next_page_token());
  } while (!request_.page_token().empty());
  EXPECT_THAT(sizes, ElementsAre(100, 100, 50));
}

TEST_F(ListGapsTest, APageThatIsJustFullIsTheLast) {
  request_.set_page_size(250);
  EXPECT_EQ(List()->next_page_token(), "");
}

struct GapsCase {
  std::string name;
  void (*spoil)(v1alpha1::ListGapsRequest&);
  std::string reason;
};

class ListGapsRefusalTest : public ListGapsTest, public testing::WithParamInterface<GapsCase> {};

TEST_P(ListGapsRefusalTest, GivesTheReason) {
  GetParam().spoil(request_);
  const auto listed = List();
  EXPECT_EQ(listed ? "" : listed.error().reason, GetParam().reason);
}

using Gaps = v1alpha1::ListGapsRequest;
INSTANTIATE_TEST_SUITE_P(
    Requests, ListGapsRefusalTest,
    testing::Values(
        GapsCase{"Largest", [](Gaps& r) { r.set_page_size(1'000); }, ""},
        GapsCase{"TooLarge", [](Gaps& r) { r.set_page_size(1'001); }, "PAGE_SIZE_INVALID"},
        GapsCase{"Negative", [](Gaps& r) { r.set_page_size(-1); }, "PAGE_SIZE_INVALID"},
        GapsCase{"NoTime", [](Gaps& r) { r.set_from_ns(kForever); }, "RANGE_EMPTY"},
        GapsCase{"BadToken", [](Gaps& r) { r.set_page_token("?"); }, "PAGE_TOKEN_INVALID"},
        GapsCase{"OtherAccount", [](Gaps& r) { r.set_account_id("x"); }, "ACCOUNT_UNKNOWN"}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
