#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/core/mailbox.hpp"
#include "tests/support/feed_fakes.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPlenty = 1'000'000;

class MailboxTest : public testing::Test {
 protected:
  bool Put(Mailbox& box, InstrumentId id, const std::string& text) {
    Update update = TextEncoder::Make(id, ++seq_, text);
    update.received_at = clock_.Now();
    return box.Put(update, clock_);
  }
  Mailbox::Batch Take(Mailbox& box, std::size_t bytes = kPlenty) {
    return box.Take(bytes, clock_.Now(), buffers_);
  }

  ManualClock clock_;
  BatchBuffers buffers_{kPlenty};
  std::uint64_t seq_ = 0;
};

TEST_F(MailboxTest, ConflateKeepsTheNewestInItsTurn) {
  Mailbox box{{.overflow = Overflow::kConflate}};
  for (const auto& [id, text] : {std::pair{1U, "a1 "}, {2U, "b1 "}, {1U, "a2 "}, {1U, "a3 "}}) {
    EXPECT_TRUE(Put(box, id, text));
  }
  const auto batch = Take(box);
  EXPECT_EQ(batch.bytes, "a3 b1 ");
  EXPECT_EQ(batch.count, 2U);
  EXPECT_EQ(batch.conflated, 2U);
  EXPECT_EQ(batch.dropped, 0U);
  EXPECT_EQ(batch.last_seq, 2U);
  EXPECT_TRUE(box.empty());
}

TEST_F(MailboxTest, ABatchSaysWhenItsOldestNewsWasRead) {
  clock_.Advance(10s);  // frames were read before they are put
  Mailbox box{{.overflow = Overflow::kDropOldest}};
  const auto put = [&](Monotonic received_at) {
    Update update = TextEncoder::Make(1, ++seq_, "x");
    update.received_at = received_at;
    EXPECT_TRUE(box.Put(update, clock_));
  };
  put({});
  EXPECT_EQ(Take(box).oldest, Monotonic{}) << "a snapshot is no news";
  const Monotonic early{5s};
  for (const Monotonic at : {Monotonic{}, early + 1s, early, early + 2s}) put(at);
  EXPECT_EQ(Take(box).oldest, early);
}

TEST_F(MailboxTest, ConflateFindsItsPlaceAfterPartOfTheQueueHasLeft) {
  Mailbox box{{.overflow = Overflow::kConflate}};
  for (InstrumentId id = 0; id < 4; ++id) EXPECT_TRUE(Put(box, id, "x"));
  EXPECT_EQ(Take(box, 2).bytes, "xx");
  EXPECT_TRUE(Put(box, 3, "new"));
  EXPECT_TRUE(Put(box, 0, "again"));
  EXPECT_EQ(Take(box).bytes, "xnewagain");
}

TEST_F(MailboxTest, FullBoxDropsTheOldestOrTheReader) {
  constexpr std::size_t kCapacity = 10;
  Mailbox drop{{.overflow = Overflow::kDropOldest, .capacity = kCapacity}};
  Mailbox disconnect{{.overflow = Overflow::kDisconnect, .capacity = kCapacity}};
  for (std::size_t i = 0; i < kCapacity; ++i) {
    ASSERT_TRUE(Put(drop, 1, i == 0 ? "old" : "x"));
    ASSERT_TRUE(Put(disconnect, 1, "x"));
  }
  EXPECT_TRUE(Put(drop, 1, "new"));
  EXPECT_FALSE(Put(disconnect, 1, "new"));
  const auto batch = Take(drop);
  EXPECT_EQ(batch.dropped, 1U);
  EXPECT_EQ(batch.count, kCapacity);
  EXPECT_EQ(batch.bytes, "xxxxxxxxxnew");
  EXPECT_EQ(Take(drop).dropped, 0U);
}

TEST_F(MailboxTest, TakesNoMoreThanAskedForButOneAtLeast) {
  Mailbox box{{.overflow = Overflow::kDropOldest}};
  for (const char* text : {"12345", "67", "89"}) EXPECT_TRUE(Put(box, 1, text));
  EXPECT_EQ(Take(box, 3).bytes, "12345");
  EXPECT_EQ(Take(box, 4).bytes, "6789");
}

TEST_F(MailboxTest, ConnectionIsNewsOnItsOwn) {
  Mailbox box{{}};
  EXPECT_TRUE(box.empty());
  box.PutConnection(ConnectionState::kLive, clock_.Now());
  box.PutConnection(ConnectionState::kStale, clock_.Now());
  EXPECT_FALSE(box.empty());
  const auto batch = Take(box);
  EXPECT_EQ(batch.connection, ConnectionState::kStale);
  EXPECT_EQ(batch.count, 0U);
  EXPECT_TRUE(box.empty());
  EXPECT_FALSE(Take(box).connection);
}

TEST_F(MailboxTest, StallsOnlyWhenNothingIsTakenWhileUpdatesWait) {
  Mailbox box{{.stall_limit = 5s}};
  clock_.Advance(1h);  // an empty box never stalls
  EXPECT_FALSE(box.Stalled(clock_.Now()));
  EXPECT_TRUE(Put(box, 1, "a"));
  EXPECT_TRUE(Put(box, 2, "b"));
  clock_.Advance(4s);
  EXPECT_EQ(Take(box, 1).bytes, "a");  // progress starts the limit anew
  clock_.Advance(5s);
  EXPECT_FALSE(box.Stalled(clock_.Now()));
  EXPECT_TRUE(Put(box, 1, "a"));
  clock_.Advance(1ns);
  EXPECT_TRUE(box.Stalled(clock_.Now()));
  EXPECT_FALSE(Put(box, 1, "a"));
}

}  // namespace
}  // namespace sauda::feed
