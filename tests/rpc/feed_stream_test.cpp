#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_server.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

v1alpha1::StreamTicksRequest Add(const std::vector<int>& keys, v1alpha1::OverflowPolicy policy = {},
                                 std::uint32_t buffer = 0) {
  v1alpha1::StreamTicksRequest request;
  for (const int key : keys) request.add_add(FeedServer::Key(key));
  request.set_policy(policy);
  request.set_buffer_ticks(buffer);
  return request;
}

v1alpha1::StreamTicksRequest Remove(const std::vector<int>& keys) {
  v1alpha1::StreamTicksRequest request;
  for (const int key : keys) request.add_remove(FeedServer::Key(key));
  return request;
}

v1alpha1::StreamTicksRequest FollowAll() {
  v1alpha1::StreamTicksRequest request;
  request.set_follow_all(true);
  return request;
}

std::vector<std::uint64_t> Seqs(const std::vector<v1alpha1::Tick>& ticks) {
  std::vector<std::uint64_t> seqs;
  for (const auto& tick : ticks) seqs.push_back(tick.seq());
  return seqs;
}

class StreamTest : public testing::Test {
 protected:
  /// The first batch tells the connection; from then on the stream follows.
  static void Greeted(StreamReader& reader) {
    const auto batch = reader.Read();
    ASSERT_TRUE(batch) << reader.Finish().message;
    EXPECT_EQ(batch->instance(), "run1");
    EXPECT_TRUE(batch->has_connection());
  }
  void WaitForStreams(int count) {
    ASSERT_TRUE(Eventually([&] { return server_.metrics().open_streams.Value() == count; }));
  }
  void Push(int key, double price = 0) { ASSERT_TRUE(server_.Tick(key, price)); }

  /// `stall_limit` is long where readers are meant to be healthy: a loaded machine holds them up.
  explicit StreamTest(std::chrono::milliseconds stall_limit = 30s) : server_{100, stall_limit} {}

  FeedServer server_;
};

TEST_F(StreamTest, DeliversEveryTickAndEndsAtShutdown) {
  StreamReader reader{server_.stub(), Add({1, 2}, v1alpha1::OVERFLOW_POLICY_DROP_OLDEST)};
  Greeted(reader);
  ASSERT_TRUE(Eventually([&] { return server_.Tick(1, 1.5); }));
  for (int i = 0; i < 100; ++i) Push(2, i);
  const auto ticks = reader.ReadTicks(101);
  ASSERT_EQ(ticks.size(), 101U);
  for (std::size_t i = 0; i < ticks.size(); ++i) EXPECT_EQ(ticks[i].seq(), i + 1);
  EXPECT_EQ(ticks[0].instrument_key(), "K1");
  EXPECT_EQ(ticks[0].last().price(), 1.5);
  EXPECT_TRUE(ticks[0].simulated());
  server_.service().EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "bye"});
  EXPECT_FALSE(reader.Read());
  EXPECT_EQ(reader.Finish().reason, "SHUTTING_DOWN");
  WaitForStreams(0);
}

TEST_F(StreamTest, NewestComesFirstThenEveryLaterOne) {
  StreamReader first{server_.stub(), Add({1})};
  Greeted(first);
  ASSERT_TRUE(Eventually([&] { return server_.Tick(1, 1); }));
  Push(1, 2);
  (void)first.ReadTicks(1);
  ASSERT_TRUE(Eventually([&] {
    const auto latest = server_.publisher().Latest({0});
    return !latest.empty() && latest.front().seq == 2;
  }));
  StreamReader second{server_.stub(), Add({1}, v1alpha1::OVERFLOW_POLICY_DROP_OLDEST)};
  Greeted(second);
  const auto snapshot = second.ReadTicks(1);
  ASSERT_EQ(snapshot.size(), 1U);
  EXPECT_EQ(snapshot[0].seq(), 2U);
  EXPECT_TRUE(snapshot[0].snapshot());
  Push(1, 3);
  Push(1, 4);
  const auto live = second.ReadTicks(2);
  EXPECT_THAT(Seqs(live), ElementsAre(3, 4));
  EXPECT_FALSE(live[0].snapshot());
}

TEST_F(StreamTest, NothingIsLostOrDoubledBetweenSnapshotAndLive) {
  StreamReader keeper{server_.stub(), Add({1}, v1alpha1::OVERFLOW_POLICY_CONFLATE)};
  Greeted(keeper);
  ASSERT_TRUE(Eventually([&] { return server_.Tick(1); }));
  ASSERT_EQ(keeper.ReadTicks(1).size(), 1U);  // so the board has a newest tick to begin with
  std::atomic<bool> stop{false};
  std::thread ticks{[&] {
    while (!stop) (void)server_.Tick(1);
  }};
  for (int i = 0; i < 20; ++i) {
    StreamReader reader{server_.stub(), Add({1}, v1alpha1::OVERFLOW_POLICY_DROP_OLDEST, 65'536)};
    std::uint64_t last = 0;
    std::size_t read = 0;
    while (read < 200) {
      const auto batch = reader.Read();
      ASSERT_TRUE(batch);
      EXPECT_EQ(batch->count(), static_cast<std::uint32_t>(batch->ticks_size()));
      std::uint64_t missed = batch->dropped();
      for (const auto& tick : batch->ticks()) {
        EXPECT_EQ(tick.snapshot(), last == 0);
        if (last != 0) missed -= tick.seq() - last - 1;
        last = tick.seq();
        ++read;
      }
      EXPECT_EQ(missed, 0U) << "what is missing is counted, in the batch that jumps over it";
      if (batch->ticks_size() > 0) {
        EXPECT_EQ(batch->last_seq(), last);
      }
    }
  }
  stop = true;
  ticks.join();
}

TEST_F(StreamTest, WritesOfNewsAreTimedAndWhatWaitsIsCounted) {
  StreamReader first{server_.stub(), Add({1})};
  Greeted(first);
  ASSERT_TRUE(Eventually([&] { return server_.Tick(1, 1); }));
  (void)first.ReadTicks(1);
  const auto timed = [this] {
    return server_.metrics().write_seconds.Collect().histogram.sample_count;
  };
  ASSERT_TRUE(Eventually([&] { return timed() == 1; }));
  StreamReader second{server_.stub(), Add({1})};
  Greeted(second);
  ASSERT_EQ(second.ReadTicks(1).size(), 1U);
  Push(1, 2);
  (void)second.ReadTicks(1);
  EXPECT_TRUE(Eventually([&] { return timed() == 3; })) << "the snapshot is no news: " << timed();
  EXPECT_TRUE(Eventually([&] { return server_.metrics().stream_waiting.Value() == 0; }));
}

TEST_F(StreamTest, KeysComeAndGoWhileItRuns) {
  StreamReader reader{server_.stub(), Add({1}, v1alpha1::OVERFLOW_POLICY_DROP_OLDEST)};
  Greeted(reader);
  ASSERT_TRUE(Eventually([&] { return server_.Tick(1); }));
  EXPECT_THAT(Seqs(reader.ReadTicks(1)), ElementsAre(1));
  ASSERT_TRUE(reader.Write(Add({2, 1})));  // K1 once more counts once
  ASSERT_TRUE(Eventually([&] { return server_.Tick(2); }));
  // K2's tick is a snapshot or live, depending on who was first; either way it comes once.
  EXPECT_EQ(reader.ReadTicks(1).at(0).instrument_key(), "K2");
  ASSERT_TRUE(reader.Write(Remove({1, 77})));
  ASSERT_TRUE(reader.Write(Add({3})));
  ASSERT_TRUE(Eventually([&] { return server_.Tick(3); }));  // the removal is done by now
  EXPECT_EQ(reader.ReadTicks(1).at(0).instrument_key(), "K3");
  Push(1);
  Push(2);
  EXPECT_EQ(reader.ReadTicks(1).at(0).instrument_key(), "K2") << "K1 was removed";
}

TEST_F(StreamTest, FollowAllGetsWhatOthersSubscribe) {
  StreamReader all{server_.stub(), FollowAll()};
  Greeted(all);
  StreamReader other{server_.stub(), Add({5})};
  ASSERT_TRUE(Eventually([&] { return server_.Tick(5); }));
  const auto ticks = all.ReadTicks(1);
  ASSERT_EQ(ticks.size(), 1U);
  EXPECT_EQ(ticks[0].instrument_key(), "K5");
}

TEST_F(StreamTest, HalfClosedStreamGoesOnListening) {
  StreamReader reader{server_.stub(), Add({1})};
  ASSERT_TRUE(reader.WritesDone());
  Greeted(reader);
  ASSERT_TRUE(Eventually([&] { return server_.Tick(1); }));
  EXPECT_EQ(reader.ReadTicks(1).size(), 1U);
}

TEST_F(StreamTest, ConnectionChangesAreTold) {
  StreamReader reader{server_.stub(), Add({1})};
  Greeted(reader);
  server_.publisher().SetConnection(ConnectionState::kStale);
  const auto batch = reader.Read();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->connection(), v1alpha1::CONNECTION_STATE_STALE);
  EXPECT_EQ(batch->count(), 0U);
}

TEST_F(StreamTest, NeverGivesAKeyLess) {
  StreamReader full{server_.stub(), Add({1})};
  Greeted(full);
  auto ltpc = Add({1});
  ltpc.set_mode(v1alpha1::MODE_LTPC);
  StreamReader less{server_.stub(), ltpc};
  Greeted(less);
  EXPECT_EQ(server_.connector().ModeOf(0), Mode::kFull);
}

struct StuckCase {
  std::string name;
  v1alpha1::OverflowPolicy policy;
};

class StuckReaderTest : public StreamTest, public testing::WithParamInterface<StuckCase> {
 protected:
  StuckReaderTest() : StreamTest{2s} {}
};

TEST_P(StuckReaderTest, IsEndedAndHarmsNobody) {
  StreamReader stuck{server_.stub(), Add({1, 2, 3}, GetParam().policy)};
  const auto stub = server_.NewStub();
  StreamReader healthy{*stub, Add({1}, v1alpha1::OVERFLOW_POLICY_DROP_OLDEST, 65'536)};
  Greeted(healthy);
  WaitForStreams(2);
  std::atomic<bool> stop{false};
  std::thread ticks{[&] {
    while (!stop) {
      for (const int key : {1, 2, 3}) (void)server_.Tick(key, 1, 30);
      std::this_thread::sleep_for(1ms);  // a pace, not an order
    }
  }};
  std::uint64_t last = 0;
  std::uint64_t missed = 0;
  while (server_.metrics().slow_consumers.Value() == 0) {
    const auto batch = healthy.Read();
    ASSERT_TRUE(batch);
    missed += batch->dropped();
    for (const auto& tick : batch->ticks()) {
      EXPECT_GT(tick.seq(), last);
      last = tick.seq();
    }
  }
  stop = true;
  ticks.join();
  EXPECT_EQ(missed, 0U);
  std::map<std::string, std::uint64_t> seen;
  while (const auto batch = stuck.Read()) {
    for (const auto& tick : batch->ticks()) {
      EXPECT_GT(tick.seq(), seen[tick.instrument_key()]);
      seen[tick.instrument_key()] = tick.seq();
    }
  }
  EXPECT_THAT(stuck.Finish().reason, testing::AnyOf("SLOW_CONSUMER", "UNKNOWN"));
  healthy.Cancel();
  WaitForStreams(0);
}

INSTANTIATE_TEST_SUITE_P(
    Policies, StuckReaderTest,
    testing::Values(StuckCase{"Conflate", v1alpha1::OVERFLOW_POLICY_CONFLATE},
                    StuckCase{"DropOldest", v1alpha1::OVERFLOW_POLICY_DROP_OLDEST},
                    StuckCase{"Disconnect", v1alpha1::OVERFLOW_POLICY_DISCONNECT}),
    CaseName{});

class ImpatientStreamTest : public StreamTest {
 protected:
  ImpatientStreamTest() : StreamTest{300ms} {}
};

TEST_F(ImpatientStreamTest, ReaderThatTakesNothingIsGivenUpOnWithoutATickMore) {
  StreamReader stuck{server_.stub(), Add({1}, v1alpha1::OVERFLOW_POLICY_DROP_OLDEST, 65'536)};
  WaitForStreams(1);
  ASSERT_TRUE(Eventually([&] { return server_.Tick(1, 1, 30); }));
  for (int i = 0; i < 2'000; ++i) (void)server_.Tick(1, 1, 30);
  WaitForStreams(0);  // the beats end it: first the status, then the connection's patience
}

struct BadCase {
  std::string name;
  v1alpha1::StreamTicksRequest request;
  std::string reason;
};

class BadStreamTest : public StreamTest, public testing::WithParamInterface<BadCase> {};

TEST_P(BadStreamTest, EndsWithTheReasonAndSubscribesNothing) {
  StreamReader reader{server_.stub(), GetParam().request};
  EXPECT_FALSE(reader.Read());
  EXPECT_EQ(reader.Finish().reason, GetParam().reason);
  EXPECT_TRUE(server_.connector().Rows().empty());
  WaitForStreams(0);
}

v1alpha1::StreamTicksRequest With(void (*change)(v1alpha1::StreamTicksRequest&)) {
  auto request = Add({1});
  change(request);
  return request;
}

INSTANTIATE_TEST_SUITE_P(
    Requests, BadStreamTest,
    testing::Values(BadCase{"Nothing", {}, "NO_INSTRUMENTS"},
                    BadCase{"UnknownKey", Add({1, 100}), "INSTRUMENT_UNKNOWN"},
                    BadCase{"TooMany", Add(std::vector<int>(5'001, 1)), "TOO_MANY_INSTRUMENTS"},
                    BadCase{"BufferTooLarge", Add({1}, {}, 65'537), "BUFFER_INVALID"},
                    BadCase{"UnknownPolicy", Add({1}, static_cast<v1alpha1::OverflowPolicy>(9)),
                            "POLICY_UNKNOWN"},
                    BadCase{"UnknownMode",
                            With([](auto& r) { r.set_mode(static_cast<v1alpha1::Mode>(9)); }),
                            "MODE_UNKNOWN"},
                    BadCase{"UnknownAccount", With([](auto& r) { r.set_account_id("other"); }),
                            "ACCOUNT_UNKNOWN"}),
    CaseName{});

TEST_F(StreamTest, ClosingBeforeAskingIsToldSo) {
  grpc::ClientContext context;
  auto call = server_.stub().StreamTicks(&context);
  (void)call->WritesDone();
  v1alpha1::TickBatch batch;
  EXPECT_FALSE(call->Read(&batch));
  EXPECT_EQ(rpc::FromStatus(call->Finish()).reason, "NO_INSTRUMENTS");
}

TEST_F(StreamTest, BytesThatAreNoRequestAreRefused) {
  grpc::GenericStub stub{*rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {})};
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  auto call = stub.PrepareCall(&context, "/sauda.feed.v1alpha1.FeedService/StreamTicks", &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(&context);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  const grpc::Slice junk{"\xff\xff\xff"};
  call->Write(grpc::ByteBuffer{&junk, 1}, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(rpc::FromStatus(status).reason, "REQUEST_MALFORMED");
  queue.Shutdown();
}

TEST_F(StreamTest, ManyReadersManyCancels) {
  StreamReader keeper{server_.stub(), Add({0, 1, 2, 3, 4})};
  Greeted(keeper);
  std::atomic<bool> stop{false};
  std::thread ticks{[&] {
    while (!stop) (void)server_.Tick(static_cast<int>(server_.seq() % 5));
  }};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      for (int k = 0; k < 25; ++k) {
        StreamReader reader{server_.stub(), Add({0, 1, 2, 3, 4})};
        (void)reader.ReadTicks(20);
        reader.Cancel();
      }
    });
  }
  for (auto& reader : readers) reader.join();
  stop = true;
  ticks.join();
  keeper.Cancel();
  WaitForStreams(0);
  EXPECT_TRUE(Eventually([&] {
    std::atomic<std::size_t> sinks{1};
    std::atomic<bool> asked{false};
    server_.publisher().Post([&](Board& board) {
      sinks = board.sinks();
      asked = true;
    });
    return Eventually([&] { return asked.load(); }) && sinks == 0;
  }));
}

// A stop in the midst of calls that begin and end: it returns, and every call hears of an end.
TEST(StreamStopTest, EndsWhatComesAndGoesMeanwhile) {
  for (int round = 0; round < 5; ++round) {
    auto server = std::make_unique<FeedServer>(5);
    std::atomic<int> greeted{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&, stub = server->NewStub()] {
        for (bool more = true; more;) {
          StreamReader reader{*stub, Add({0, 1, 2, 3, 4})};
          more = reader.Read().has_value();
          if (more) ++greeted;
          if (!more) (void)reader.Finish();
        }
      });
    }
    EXPECT_TRUE(Eventually([&] { return greeted > 8; }));
    server.reset();
    for (auto& caller : callers) caller.join();
  }
}

}  // namespace
}  // namespace sauda::feed
