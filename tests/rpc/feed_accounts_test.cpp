// The law of a stream's accounts, over the wire: what a subscriber was given and what it was told
// it missed add up to what was published to it, whatever its policy, its buffer and its pace; for
// one that was ended, up to its end.

#include <algorithm>
#include <condition_variable>
#include <map>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/eventually.hpp"
#include "tests/support/feed_server.hpp"
#include "tests/support/stream_account.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

constexpr int kKeys = 20;        // a tick of each fits into one batch
constexpr int kLastKey = kKeys;  // of the last tick alone, so that a reader knows it
constexpr std::uint64_t kTicks = 20'000;
constexpr std::uint64_t kHalf = kTicks / 2;

/// How a subscriber reads: before a batch it waits, so many times in a hundred, until up to so many
/// ticks more are published.
struct Pace {
  std::string name;
  unsigned waits_percent = 0;
  std::uint64_t waits_ticks = 0;
};

const Pace kFast{.name = "Fast"};
const Pace kSlow{.name = "Slow", .waits_percent = 100, .waits_ticks = 400};
const Pace kNapping{.name = "Napping", .waits_percent = 5, .waits_ticks = 5'000};
const Pace kStalled{.name = "Stalled", .waits_percent = 100, .waits_ticks = kTicks};

/// How far the publishing has come. Readers take their pace from it, not from a clock.
class Progress {
 public:
  void Reach(std::uint64_t published) {
    {
      const std::lock_guard lock{mutex_};
      published_ = published;
    }
    changed_.notify_all();
  }
  /// Waits for `more` ticks more, at most to the end.
  void Await(std::uint64_t more) {
    std::unique_lock lock{mutex_};
    const std::uint64_t turn = std::min(published_ + more, kTicks);
    changed_.wait(lock, [&] { return published_ >= turn; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t published_ = 0;  // guarded by mutex_
};

/// What is published, tick by tick: its key, and levels of depth for its size.
struct Script {
  struct Step {
    int key = 0;
    std::size_t depth = 0;
  };
  std::vector<Step> steps;

  Script(std::mt19937& random, std::uint64_t ticks) {
    while (steps.size() < ticks) {
      steps.push_back({.key = static_cast<int>(random() % kKeys), .depth = random() % 31});
    }
    steps.back().key = kLastKey;
  }
  /// The seqs from `after` on, those of the newest of each key before that first.
  std::vector<std::uint64_t> OfferedAfter(std::uint64_t after) const {
    std::map<int, std::uint64_t> newest;
    for (std::uint64_t seq = 1; seq <= after; ++seq) newest[steps[seq - 1].key] = seq;
    std::vector<std::uint64_t> offered;
    for (const auto& [key, seq] : newest) offered.push_back(seq);
    std::ranges::sort(offered);
    for (std::uint64_t seq = after + 1; seq <= steps.size(); ++seq) offered.push_back(seq);
    return offered;
  }
};

v1alpha1::StreamTicksRequest AllKeys(v1alpha1::OverflowPolicy policy, std::uint32_t buffer) {
  v1alpha1::StreamTicksRequest request;
  for (int key = 0; key <= kLastKey; ++key) request.add_add(FeedServer::Key(key));
  request.set_policy(policy);
  request.set_buffer_ticks(buffer);
  return request;
}

/// What waits for a reader waits at the feed, but for 64 KiB, and holds up nobody else.
std::shared_ptr<grpc::Channel> OwnConnection(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'536);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials(), arguments);
}

/// One call on a connection of its own, read by a thread at its pace.
class Subscriber {
 public:
  struct Options {
    v1alpha1::OverflowPolicy policy{};
    std::uint32_t buffer = 0;
    Pace pace;
    std::uint32_t seed = 0;
  };

  /// Returns when the call follows its keys: the first batch says so.
  Subscriber(const FeedServer& server, Options options, std::vector<std::uint64_t> offered)
      : options_{std::move(options)},
        stub_{v1alpha1::FeedService::NewStub(OwnConnection(server.port()))},
        reader_{*stub_, AllKeys(options_.policy, options_.buffer)},
        account_{options_.policy, std::move(offered)} {
    EXPECT_TRUE(ReadOne());
  }
  ~Subscriber() {
    if (thread_.joinable()) thread_.join();
  }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  void Start(Progress& progress) {
    thread_ = std::thread{[this, &progress] {
      std::mt19937 random{options_.seed};
      const Pace& pace = options_.pace;
      const auto wait = [&] {
        if (random() % 100 >= pace.waits_percent) return;
        progress.Await(pace.waits_ticks == kTicks ? kTicks : 1 + random() % pace.waits_ticks);
      };
      do wait();
      while (ReadOne());
    }};
  }
  void Join() { thread_.join(); }

  /// False: its last tick has come, or it was ended.
  bool ReadOne() {
    const auto batch = reader_.Read();
    if (!batch) {
      ended_ = reader_.Finish().reason;
      return false;
    }
    account_.Enter(*batch);
    return !account_.last_came();
  }

  std::string name() const {
    return v1alpha1::OverflowPolicy_Name(options_.policy) + ", " + options_.pace.name +
           ", buffer " + std::to_string(options_.buffer) + ", offered " +
           std::to_string(account_.offered());
  }
  const Options& options() const { return options_; }
  const StreamAccount& account() const { return account_; }
  /// Why it was ended; empty: it was not.
  const std::string& ended() const { return ended_; }

 private:
  const Options options_;
  std::unique_ptr<v1alpha1::FeedService::Stub> stub_;
  StreamReader reader_;
  StreamAccount account_;
  std::string ended_;
  std::thread thread_;
};

class AccountsTest : public testing::Test {
 protected:
  explicit AccountsTest(std::chrono::milliseconds stall_limit = 30s)
      : server_{kKeys + 1, stall_limit} {}

  std::uint32_t Random(std::uint32_t from, std::uint32_t to) {
    return from + static_cast<std::uint32_t>(random_() % (to - from + 1));
  }
  /// A fast reader who would be ended for being slow gets all the room there is.
  std::uint32_t BufferFor(v1alpha1::OverflowPolicy policy, const Pace& pace) {
    if (policy == v1alpha1::OVERFLOW_POLICY_CONFLATE) return 0;
    if (policy == v1alpha1::OVERFLOW_POLICY_DROP_OLDEST) return Random(1, 512);
    return pace.name == kFast.name ? 65'536 : Random(64, 2'048);
  }
  /// One subscriber for each policy and pace, when `published` ticks are on the board.
  void Open(std::uint64_t published) {
    for (const auto policy : kPolicies) {
      for (const Pace& pace : {kFast, kSlow, kNapping, kStalled}) {
        subscribers_.push_back(
            std::make_unique<Subscriber>(server_,
                                         Subscriber::Options{.policy = policy,
                                                             .buffer = BufferFor(policy, pace),
                                                             .pace = pace,
                                                             .seed = Random(0, 1U << 30U)},
                                         script_.OfferedAfter(published)));
        subscribers_.back()->Start(progress_);
      }
    }
  }
  /// Ticks after `from` up to `to`, in bursts that have been offered to all when the next begins: a
  /// market's pace is no faster. At a failure readers are told of the end all the same.
  void Publish(std::uint64_t from, std::uint64_t to) {
    while (from < to) {
      const std::uint64_t burst = std::min(to, from + Random(1, 100));
      for (; from < burst; ++from) {
        const auto& step = script_.steps[from];
        EXPECT_TRUE(server_.Tick(step.key, 1, step.depth));
      }
      const bool offered = OnBoard(from);
      EXPECT_TRUE(offered) << from;
      progress_.Reach(offered ? from : kTicks);
      if (!offered) return;
    }
  }
  bool OnBoard(std::uint64_t published) {
    return Eventually([&] {
      const auto latest = server_.publisher().Latest({});
      return !latest.empty() && latest.back().seq == published;
    });
  }

  static constexpr v1alpha1::OverflowPolicy kPolicies[] = {v1alpha1::OVERFLOW_POLICY_CONFLATE,
                                                           v1alpha1::OVERFLOW_POLICY_DROP_OLDEST,
                                                           v1alpha1::OVERFLOW_POLICY_DISCONNECT};

  const std::uint32_t seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
  const Script script_{random_, kTicks};
  FeedServer server_;
  Progress progress_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
};

TEST_F(AccountsTest, GivenAndToldAsMissedAreWhatWasPublished) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  Open(0);
  Publish(0, kHalf);
  Open(kHalf);  // these begin with the newest tick of each key
  Publish(kHalf, kTicks);
  int ended = 0;
  for (const auto& subscriber : subscribers_) {
    subscriber->Join();
    SCOPED_TRACE(subscriber->name());
    const StreamAccount& account = subscriber->account();
    const auto& [policy, buffer, pace, seed] = subscriber->options();
    const bool stalled = pace.name == kStalled.name;
    const bool strict = policy == v1alpha1::OVERFLOW_POLICY_DISCONNECT;
    EXPECT_EQ(account.fault(), "");
    if (!subscriber->ended().empty()) {
      ++ended;
      EXPECT_TRUE(strict && pace.name != kFast.name);
      // One that does not take the status within a second is cut off.
      EXPECT_THAT(subscriber->ended(), testing::AnyOf("SLOW_CONSUMER", "UNKNOWN"));
      continue;
    }
    EXPECT_EQ(account.accounted(), account.offered());
    if (!stalled) continue;
    EXPECT_FALSE(strict) << "it was not ended";
    EXPECT_GT(account.dropped() + account.conflated(), 0U) << "it did not stall";
  }
  EXPECT_EQ(server_.metrics().slow_consumers.Value(), ended);
}

/// Whoever reads nothing is ended soon, whatever the policy.
class ImpatientAccountsTest : public AccountsTest {
 protected:
  ImpatientAccountsTest() : AccountsTest{200ms} {}
};

TEST_F(ImpatientAccountsTest, OneThatIsEndedForItsSilenceIsAccountedForUpToItsEnd) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (const auto policy : kPolicies) {
    subscribers_.push_back(std::make_unique<Subscriber>(
        server_, Subscriber::Options{.policy = policy, .buffer = Random(1, 512), .pace = kStalled},
        script_.OfferedAfter(0)));
  }
  Publish(0, kTicks);
  EXPECT_TRUE(Eventually([&] { return server_.metrics().slow_consumers.Value() == 3; }));
  for (const auto& subscriber : subscribers_) {
    SCOPED_TRACE(subscriber->name());
    while (subscriber->ReadOne()) continue;
    EXPECT_THAT(subscriber->ended(), testing::AnyOf("SLOW_CONSUMER", "UNKNOWN"));
    EXPECT_EQ(subscriber->account().fault(), "");
    EXPECT_LT(subscriber->account().accounted(), kTicks);
  }
}

}  // namespace
}  // namespace sauda::feed
