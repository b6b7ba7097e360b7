#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/core/board.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BoardTest : public testing::Test {
 protected:
  BoardTest() { board_.Open(kAll); }
  void Apply(InstrumentId id, std::uint64_t seq) {
    board_.Apply(TextEncoder::Make(id, seq, std::to_string(id) + ":" + std::to_string(seq) + " "));
  }

  static constexpr InstrumentId kAll[] = {0, 1, 2};
  static constexpr InstrumentId kOne[] = {1};
  TextEncoder encoder_;
  Board board_{encoder_};
  std::shared_ptr<RecordingSink> sink_ = std::make_shared<RecordingSink>();
};

TEST_F(BoardTest, FollowerGetsTheNewestThenEveryChange) {
  Apply(1, 1);
  Apply(1, 2);
  board_.Follow(sink_, kOne);
  Apply(1, 3);
  Apply(0, 4);
  board_.Unfollow(sink_.get(), kOne);
  Apply(1, 5);
  EXPECT_EQ(sink_->texts, "s1:2 1:3 ");
}

TEST_F(BoardTest, SnapshotsComeInTheOrderOfTheirSeq) {
  Apply(2, 1);
  Apply(0, 2);
  Apply(1, 3);
  board_.Follow(sink_, kAll);
  EXPECT_THAT(sink_->seqs, ElementsAre(1, 2, 3));
}

TEST_F(BoardTest, SnapshotsAreNotAsOldAsTheirTicks) {
  Update update = TextEncoder::Make(1, 1, "x");
  update.received_at = Monotonic{std::chrono::seconds{5}};
  board_.Apply(update);
  board_.Follow(sink_, kOne);
  board_.Apply(update);
  EXPECT_THAT(sink_->received, ElementsAre(Monotonic{}, update.received_at));
}

TEST_F(BoardTest, FollowAllGetsWhatIsOpenedLaterToo) {
  Apply(0, 1);
  board_.Join(sink_, true);
  const InstrumentId later[] = {9};
  board_.Open(later);
  Apply(9, 2);
  Apply(1, 3);
  board_.Leave(sink_.get(), {});
  Apply(0, 4);
  EXPECT_THAT(sink_->seqs, ElementsAre(1, 2, 3));
}

TEST_F(BoardTest, ClosedLineForgetsAndIgnoresWhatIsOnItsWay) {
  Apply(1, 1);
  board_.Close(kOne);
  Apply(1, 2);
  board_.Follow(sink_, kOne);
  EXPECT_THAT(sink_->seqs, IsEmpty());
  EXPECT_EQ(board_.known(), 0U);
  board_.Open(kOne);
  Apply(1, 3);
  EXPECT_THAT(sink_->seqs, ElementsAre(3));
  EXPECT_EQ(board_.known(), 1U);
}

TEST_F(BoardTest, WhoWasOfferedSomethingIsFlushedOnce) {
  const auto idle = std::make_shared<RecordingSink>();
  board_.Join(sink_, false);
  board_.Follow(sink_, kAll);
  board_.Join(idle, false);
  Apply(1, 1);
  Apply(2, 2);
  board_.Flush();
  board_.Flush();
  EXPECT_EQ(sink_->flushes, 1);
  EXPECT_EQ(idle->flushes, 0);
  Apply(1, 3);
  board_.Leave(sink_.get(), kAll);
  board_.Flush();
  EXPECT_EQ(sink_->flushes, 1) << "whoever has left is left alone";
}

TEST_F(BoardTest, LatestIsOfTheAskedOrOfAll) {
  Apply(2, 1);
  Apply(0, 2);
  EXPECT_EQ(board_.Latest({}).size(), 2U);
  EXPECT_THAT(board_.Latest(kOne), IsEmpty());
  const InstrumentId beyond[] = {2, 77};
  EXPECT_EQ(board_.Latest(beyond).size(), 1U);
}

TEST_F(BoardTest, EverySinkLearnsTheConnectionNowAndWhenItChanges) {
  board_.SetConnection(ConnectionState::kLive);
  board_.Join(sink_, false);
  board_.SetConnection(ConnectionState::kLive);
  board_.SetConnection(ConnectionState::kStale);
  board_.Beat();
  EXPECT_THAT(sink_->states, ElementsAre(ConnectionState::kLive, ConnectionState::kStale));
  EXPECT_EQ(sink_->beats, 1);
  board_.Leave(sink_.get(), kAll);
  EXPECT_EQ(board_.sinks(), 0U);
}

}  // namespace
}  // namespace sauda::feed
