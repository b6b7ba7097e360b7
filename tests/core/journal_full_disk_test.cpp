#include <csignal>
#include <mutex>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "libs/journal/scan.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/journal_files.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::journal {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kBackoff = 1h;  // its jitter is hardly ever nothing

/// No file of this process may grow past a size: what a full disk is like, short writes included.
class FileSizeLimit {
 public:
  FileSizeLimit() : signal_{std::signal(SIGXFSZ, SIG_IGN)} {
    Check(::getrlimit(RLIMIT_FSIZE, &before_) == 0, "the limit can be read");
  }
  ~FileSizeLimit() {
    Lift();
    (void)std::signal(SIGXFSZ, signal_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  void Set(std::uint64_t bytes) {
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    Check(::setrlimit(RLIMIT_FSIZE, &limit) == 0, "the limit can be set");
  }
  void Lift() { Check(::setrlimit(RLIMIT_FSIZE, &before_) == 0, "the limit can be lifted"); }

 private:
  rlimit before_{};
  void (*signal_)(int);
};

class JournalFullDiskTest : public testing::Test {
 protected:
  void Start(std::uint64_t segment_bytes = 256UL << 20U) {
    Writer::Options options{.root = temp_.path(),
                            .instance = "i",
                            .account = "A1",
                            .limits = {.segment_bytes = segment_bytes},
                            .backoff = {kBackoff, kBackoff}};
    auto started = Writer::Start(options, clock_,
                                 {.on_stopped =
                                      [this](const Error& why) {
                                        const std::lock_guard lock{mutex_};
                                        told_.push_back("stopped " + why.reason);
                                      },
                                  .on_resumed =
                                      [this] {
                                        const std::lock_guard lock{mutex_};
                                        told_.emplace_back("resumed");
                                      },
                                  .on_lost =
                                      [this](const Stretch& lost, bool in_journal) {
                                        const std::lock_guard lock{mutex_};
                                        lost_ = lost;
                                        told_.emplace_back(in_journal ? "lost" : "lost unseen");
                                      }});
    Check(started.has_value(), "the writer starts");
    writer_ = std::move(*started);
  }
  void PushAndWait(std::uint64_t n) {
    PushFrame(*writer_, FrameOf(n), "before " + std::to_string(n));
    Check(Eventually([&] { return writer_->waiting_records() == 0; }), "it is written or lost");
  }
  std::vector<std::string> Told() {
    const std::lock_guard lock{mutex_};
    return told_;
  }
  std::filesystem::path directory() const { return AccountDirectory(temp_.path(), "A1"); }

  ManualClock clock_;
  TempDirectory temp_;
  std::mutex mutex_;  // guards the two below
  std::vector<std::string> told_;
  Stretch lost_;
  FileSizeLimit limit_;
  std::unique_ptr<Writer> writer_;
};

using Texts = std::vector<std::string>;

// Wherever within a record the disk ends: what was written whole stays, the rest is a gap, and the
// journal goes on in a new segment.
TEST_F(JournalFullDiskTest, CutsAtTheLastWholeRecordAndComesBackWithAGap) {
  const std::uint64_t start = HeaderOf("i", 1).size() + BytesOf(StateOf("before 1"));
  const std::uint64_t size = BytesOf(FrameOf(1));
  ASSERT_EQ(size, 61U);
  for (const std::uint64_t more : {0U, 1U, 7U, 8U, 9U, 41U, 60U, 61U}) {
    SCOPED_TRACE(more);
    told_.clear();
    Start();
    for (std::uint64_t n = 1; n <= 3; ++n) PushAndWait(n);
    limit_.Set(start + 3 * size + more);
    for (std::uint64_t n = 4; n <= 6; ++n) {  // the first retry waits for nothing, then a back-off
      PushAndWait(n);
      if (writer_->stopped()) limit_.Set(0);
    }
    ASSERT_TRUE(Eventually([&] { return Told().size() == 2; }));
    const bool one_fitted = more == size;
    ASSERT_TRUE(writer_->stopped());
    EXPECT_EQ(writer_->stopped()->reason, "DISK_FULL");
    EXPECT_EQ(writer_->lost_records(), one_fitted ? 2U : 3U);
    EXPECT_EQ(Told(), (Texts{"stopped DISK_FULL", "stopped DISK_FULL"}));
    EXPECT_EQ(std::filesystem::file_size(directory() / FileName({"i", 1})),
              start + (one_fitted ? 4 : 3) * size);

    limit_.Lift();
    clock_.Advance(kBackoff);
    PushAndWait(7);
    EXPECT_TRUE(Eventually([&] { return !writer_->stopped(); }));
    writer_->Stop();
    EXPECT_EQ(Told(), (Texts{"stopped DISK_FULL", "stopped DISK_FULL", "resumed", "lost"}));
    EXPECT_EQ(lost_, (Stretch{.from_ns = FrameOf(one_fitted ? 5 : 4).received_ns,
                              .to_ns = FrameOf(6).received_ns,
                              .records = one_fitted ? 2U : 3U,
                              .ticks = one_fitted ? 4U : 6U,
                              .first_seq = FrameOf(one_fitted ? 5 : 4).first_seq,
                              .bytes = (one_fitted ? 2 : 3) * size,
                              .cause = "DISK_FULL"}));
    const auto all = ReadAll(directory(), "i");
    EXPECT_EQ(CountOf(Follower::What::kDamage, all), 0U);
    std::vector<std::string> texts;
    for (const Read& read : all) {
      if (read.what != Follower::What::kRecord) continue;
      texts.push_back(read.record.kind == Kind::kFrame
                          ? std::to_string(read.record.first_seq / 2 + 1)
                      : read.record.kind == Kind::kState ? read.record.payload
                                                         : "gap");
    }
    EXPECT_EQ(texts, one_fitted ? (Texts{"before 1", "1", "2", "3", "4", "gap", "before 7", "7"})
                                : (Texts{"before 1", "1", "2", "3", "gap", "before 7", "7"}));
    EXPECT_EQ(all.back().what, Follower::What::kEnd);
    writer_.reset();
    std::filesystem::remove_all(directory());
  }
}

TEST_F(JournalFullDiskTest, TriesAgainInVainAndTellsOfOneStretch) {
  limit_.Set(0);
  Start();
  std::uint64_t n = 0;
  for (int round = 0; round < 5; ++round) {
    const std::size_t told = Told().size();
    PushFrame(*writer_, FrameOf(++n), "s");  // a state is wanted: the back-off is over
    ASSERT_TRUE(Eventually([&] { return Told().size() > told; }));
    EXPECT_EQ(writer_->stopped()->reason, "DISK_FULL");
    EXPECT_NE(writer_->stopped()->message.find("i-000001.saudaj"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_empty(directory())) << "nothing is left of the attempt";
    clock_.Advance(kBackoff);
  }
  limit_.Lift();
  PushFrame(*writer_, FrameOf(++n), "s");
  ASSERT_TRUE(Eventually([&] { return writer_->written_records() == 1; }));
  writer_->Stop();
  EXPECT_EQ(writer_->lost_records(), 5U);
  EXPECT_EQ(lost_.records, 5U);
  EXPECT_EQ(lost_.first_seq, 1U);
  EXPECT_EQ(Only(Kind::kGap, ReadAll(directory(), "i")).size(), 1U);
}

TEST_F(JournalFullDiskTest, BackoffRunsBeforeTheNextAttempt) {
  limit_.Set(0);
  Start();
  PushFrame(*writer_, FrameOf(1));
  ASSERT_TRUE(Eventually([&] { return Told().size() == 1; }));  // the first one waits for nothing
  PushFrame(*writer_, FrameOf(2));
  ASSERT_TRUE(Eventually([&] { return Told().size() == 2; }));
  EXPECT_FALSE(writer_->WantsState(kFirstNs));
  EXPECT_EQ(writer_->PushState({.received_ns = kFirstNs}).error().reason, "JOURNAL_BUSY");
  writer_->Push(FrameOf(3));
  EXPECT_EQ(writer_->lost_records(), 3U);
  clock_.Advance(kBackoff);
  EXPECT_TRUE(writer_->WantsState(kFirstNs));
}

TEST_F(JournalFullDiskTest, DirectoryThatIsRemovedIsNoticedAndMadeAgain) {
  Start();
  PushAndWait(1);
  std::filesystem::remove_all(directory());
  PushAndWait(2);
  ASSERT_TRUE(Eventually([&] { return Told() == Texts{"stopped SEGMENT_REMOVED"}; }));
  EXPECT_EQ(writer_->lost_records(), 1U);
  PushAndWait(3);
  writer_->Stop();
  EXPECT_EQ(Told(), (Texts{"stopped SEGMENT_REMOVED", "resumed", "lost"}));
  EXPECT_EQ(Only(Kind::kFrame, ReadAll(directory(), "i")), std::vector{FrameOf(3)});
}

TEST_F(JournalFullDiskTest, StoppedAtTheStopTheOwnerAloneHearsOfTheLoss) {
  Start();
  PushAndWait(1);
  limit_.Set(0);
  PushAndWait(2);
  ASSERT_TRUE(writer_->stopped());
  writer_->Stop();
  EXPECT_EQ(Told(), (Texts{"stopped DISK_FULL", "lost unseen"}));
  EXPECT_EQ(lost_.records, 1U);
}

TEST_F(JournalFullDiskTest, SealThatDoesNotFitStopsAndLosesNoRecord) {
  Start();
  PushAndWait(1);
  const auto bytes = std::filesystem::file_size(directory() / FileName({"i", 1}));
  limit_.Set(bytes + 10);
  writer_->Stop();
  EXPECT_EQ(Told(), (Texts{"stopped DISK_FULL"}));
  EXPECT_EQ(std::filesystem::file_size(directory() / FileName({"i", 1})), bytes);
  EXPECT_EQ(writer_->lost_records(), 0U);
}

}  // namespace
}  // namespace sauda::journal
