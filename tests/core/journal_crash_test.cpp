#include <csignal>
#include <new>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/journal/recover.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/journal_files.hpp"

namespace sauda::journal {
namespace {

/// A number that parent and child both see.
class SharedCount {
 public:
  SharedCount()
      : memory_{::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)} {
    Check(memory_ != MAP_FAILED, "memory can be shared");
    count_ = new (memory_) std::atomic<std::uint64_t>{0};
  }
  ~SharedCount() { ::munmap(memory_, sizeof(std::atomic<std::uint64_t>)); }
  SharedCount(const SharedCount&) = delete;
  SharedCount& operator=(const SharedCount&) = delete;

  std::atomic<std::uint64_t>& operator*() { return *count_; }

 private:
  void* memory_;
  std::atomic<std::uint64_t>* count_;
};

/// Writes until it is killed; `accepted` is what the kernel has taken for certain.
[[noreturn]] void WriteForEver(const std::filesystem::path& root,
                               std::atomic<std::uint64_t>& accepted) {
  const SystemClock clock;
  Writer* self = nullptr;
  std::atomic<bool> ready{false};
  auto writer = Writer::Start(
      {.root = root, .instance = "i", .account = "A1", .limits = {.segment_bytes = 100'000}}, clock,
      {.on_written = [&] {
        if (ready.load()) accepted.store(self->written_records());
      }});
  if (!writer) ::_exit(1);
  self = writer->get();
  ready.store(true);
  for (std::uint64_t n = 1;; ++n) {
    while (self->waiting_records() > 1'000) std::this_thread::yield();
    PushFrame(*self, FrameOf(n, n % 3'000), "state");
  }
}

TEST(JournalCrashTest, KilledAnywhereItHasWhatWasAccepted) {
  for (std::uint64_t round = 1; round <= 8; ++round) {
    const TempDirectory temp;
    SharedCount accepted;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteForEver(temp.path(), *accepted);
    const bool reached = Eventually([&] { return (*accepted).load() > round * 137; });
    const auto directory = AccountDirectory(temp.path(), "A1");
    const auto while_alive = Recover(directory, "another");
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(reached);
    ASSERT_TRUE(while_alive);
    for (const Recovered& one : *while_alive) EXPECT_EQ(one.what, Recovered::What::kInUse);

    const std::uint64_t known = (*accepted).load();
    const auto recovered = Recover(directory, "another");
    ASSERT_TRUE(recovered);
    for (const Recovered& one : *recovered) EXPECT_FALSE(one.problem);
    const auto all = ReadAll(directory, "i");
    EXPECT_EQ(all.back().what, Follower::What::kEnd);
    EXPECT_EQ(CountOf(Follower::What::kDamage, all), 0U);
    const auto frames = Only(Kind::kFrame, all);
    EXPECT_GE(frames.size(), known);
    for (std::uint64_t n = 1; n <= frames.size(); ++n)
      ASSERT_EQ(frames[n - 1], FrameOf(n, n % 3'000));
  }
}

}  // namespace
}  // namespace sauda::journal
