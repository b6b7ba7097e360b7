#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/plain_waiting.hpp"
#include "services/feed/src/publisher.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Update U(InstrumentId id, std::uint64_t seq) { return TextEncoder::Make(id, seq, "x"); }

TEST(PublisherTest, NoGapNoRepeatUnderLoad) {
  constexpr std::uint64_t kUpdates = 100'000;
  const TextEncoder encoder;
  PlainWaiting waiting;
  Publisher publisher{waiting, encoder, {.queue_updates = 256}, nullptr};
  publisher.Open({0});
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  std::thread ingest{[&] {
    for (std::uint64_t i = 1; i <= kUpdates; ++i) {
      const Update update[] = {U(0, i)};
      ASSERT_TRUE(publisher.Push(update));
    }
  }};
  for (int i = 0; i < 20; ++i) {
    sinks.push_back(std::make_shared<RecordingSink>());
    publisher.Follow(sinks.back(), {0});
    (void)publisher.known();  // lets some updates pass between two followers
  }
  ingest.join();
  publisher.Stop();
  for (const auto& sink : sinks) {
    ASSERT_FALSE(sink->seqs.empty());
    for (std::size_t i = 1; i < sink->seqs.size(); ++i) {
      ASSERT_EQ(sink->seqs[i], sink->seqs[i - 1] + 1);
    }
    EXPECT_EQ(sink->seqs.back(), kUpdates);
  }
}

/// Holds the publishing thread until it is let go.
class Plug {
 public:
  explicit Plug(Publisher& publisher) {
    const auto plugged = std::make_shared<std::promise<void>>();
    publisher.Post([plugged, pulled = pulled_.get_future().share()](Board&) {
      plugged->set_value();
      pulled.wait();  // the plug itself may be gone when this returns
    });
    plugged->get_future().wait();
  }
  ~Plug() { Pull(); }
  Plug(const Plug&) = delete;
  Plug& operator=(const Plug&) = delete;
  void Pull() {
    if (!std::exchange(done_, true)) pulled_.set_value();
  }

 private:
  std::promise<void> pulled_;
  bool done_ = false;
};

TEST(PublisherTest, FullQueueHoldsThePusherBackAndLosesNothing) {
  const TextEncoder encoder;
  PlainWaiting waiting;
  Publisher publisher{waiting, encoder, {.queue_updates = 2}, nullptr};
  const auto sink = std::make_shared<RecordingSink>();
  publisher.Open({0});
  publisher.Follow(sink, {0});
  std::atomic<std::uint64_t> pushed{0};
  std::thread ingest;
  {
    Plug plug{publisher};
    ingest = std::thread{[&] {
      for (std::uint64_t i = 1; i <= 10; ++i) {
        const Update update[] = {U(0, i)};
        ASSERT_TRUE(publisher.Push(update));
        pushed = i;
      }
    }};
    EXPECT_TRUE(Eventually([&] { return pushed == 2; }));
    EXPECT_FALSE(Eventually([&] { return pushed > 2; }, 50ms));
  }
  ingest.join();
  publisher.Stop();
  EXPECT_THAT(sink->seqs, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
}

TEST(PublisherTest, StopFreesAPusherThatWaits) {
  const TextEncoder encoder;
  PlainWaiting waiting;
  Publisher publisher{waiting, encoder, {.queue_updates = 1}, nullptr};
  std::atomic<bool> refused{false};
  std::atomic<int> pushes{0};
  Plug plug{publisher};
  std::thread ingest{[&] {
    const Update update[] = {U(0, 1)};
    while (publisher.Push(update)) ++pushes;
    refused = true;
  }};
  EXPECT_TRUE(Eventually([&] { return pushes == 1; }));
  std::thread stop{[&] { publisher.Stop(); }};
  EXPECT_TRUE(Eventually([&] { return refused.load(); }));
  plug.Pull();
  stop.join();
  ingest.join();
  EXPECT_THAT(publisher.Latest({}), IsEmpty()) << "and asking after the end is harmless";
}

TEST(PublisherTest, CommandsComeBeforeUpdatesPushedAfterThem) {
  const TextEncoder encoder;
  PlainWaiting waiting;
  Publisher publisher{waiting, encoder, {}, nullptr};
  const auto sink = std::make_shared<RecordingSink>();
  publisher.Join(sink, true, {});
  const Update first[] = {U(7, 1)};
  const Update second[] = {U(7, 2)};
  publisher.Open({7});
  ASSERT_TRUE(publisher.Push(first));
  EXPECT_TRUE(Eventually([&] { return publisher.Latest({7}).size() == 1; }));
  publisher.Close({7});
  ASSERT_TRUE(publisher.Push(second));
  publisher.Stop();
  EXPECT_THAT(sink->seqs, ElementsAre(1));
}

/// Does something as soon as it knows the connection's state.
struct ReactingSink final : UpdateSink {
  void Offer(const Update& update) override { texts += *update.bytes; }
  void Flush() override {}
  void OnConnection(ConnectionState /*state*/) override { react(); }
  void OnBeat() override {}
  std::function<void()> react;
  std::string texts;
};

TEST(PublisherTest, WhoKnowsTheConnectionFollowsAlready) {
  const TextEncoder encoder;
  PlainWaiting waiting;
  Publisher publisher{waiting, encoder, {}, nullptr};
  const auto sink = std::make_shared<ReactingSink>();
  sink->react = [&] {
    const Update updates[] = {TextEncoder::Make(0, 2, "0:2 "), TextEncoder::Make(0, 3, "0:3 ")};
    EXPECT_TRUE(publisher.Push(updates));
  };
  publisher.Open({0});
  const Update before[] = {TextEncoder::Make(0, 1, "0:1 ")};
  ASSERT_TRUE(publisher.Push(before));
  ASSERT_TRUE(Eventually([&] { return publisher.known() == 1; }));
  publisher.Join(sink, false, {0});
  (void)publisher.known();  // answered when the sink has joined
  publisher.Stop();
  EXPECT_EQ(sink->texts, "s0:1 0:2 0:3 ");
}

TEST(PublisherTest, BeatsWithoutTicks) {
  const TextEncoder encoder;
  const auto sink = std::make_shared<RecordingSink>();
  std::atomic<int> beats{0};
  PlainWaiting waiting;
  Publisher publisher{waiting, encoder, {.beat = 1ms}, nullptr};  // last: its commands use the rest
  publisher.Join(sink, false, {});
  EXPECT_TRUE(Eventually([&] {
    publisher.Post([&](Board&) { beats = sink->beats; });
    return beats > 2;
  }));
}

TEST(PublisherTest, TellsWhatItHasPublished) {
  const TextEncoder encoder;
  std::atomic<std::size_t> told{0};
  PlainWaiting waiting;
  Publisher publisher{
      waiting, encoder, {}, [&](std::span<const Update> updates) { told += updates.size(); }};
  const Update updates[] = {U(0, 1), U(1, 2)};
  ASSERT_TRUE(publisher.Push(updates));
  publisher.Stop();
  EXPECT_EQ(told, 2U);
}

}  // namespace
}  // namespace sauda::feed
