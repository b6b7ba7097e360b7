// The feed under load for a long while, with subscribers coming and going: its memory stays where
// it is, and every descriptor comes back. SAUDA_SOAK_SECONDS says how long, and `./sauda test long`
// asks for it.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/channel.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using namespace std::chrono_literals;
using feed::v1alpha1::FeedService;
using feed::v1alpha1::StreamTicksRequest;
using feed::v1alpha1::TickBatch;
using Steady = std::chrono::steady_clock;

constexpr int kRate = 20'000;        // ticks a second
constexpr std::size_t kKeys = 500;   // in full mode
constexpr std::size_t kReaders = 6;  // at a time
constexpr std::chrono::milliseconds kStep{500};

constexpr double kMostGrowth = 0.02;
constexpr std::chrono::seconds kWarmUp{180};  // until caches and pools have the size that they keep

/// After the warm-up; 0: nobody asks for a soak.
std::chrono::seconds SoakTime() {
  const char* const given = std::getenv("SAUDA_SOAK_SECONDS");
  return std::chrono::seconds{given != nullptr ? std::atoi(given) : 0};
}

/// A subscriber that counts what it gets, and keeps nothing.
class Counter {
 public:
  Counter(const std::string& address, const StreamTicksRequest& request)
      : stub_{FeedService::NewStub(*rpc::Connect(address, {}))} {
    context_.set_wait_for_ready(true);
    stream_ = stub_->StreamTicks(&context_);
    (void)stream_->Write(request);
    thread_ = std::thread{[this] {
      for (TickBatch batch; stream_->Read(&batch);) ticks_ += batch.count();
      (void)stream_->Finish();
    }};
  }
  ~Counter() {
    context_.TryCancel();
    thread_.join();
  }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  std::uint64_t ticks() const { return ticks_; }

 private:
  std::unique_ptr<FeedService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<StreamTicksRequest, TickBatch>> stream_;
  std::atomic<std::uint64_t> ticks_{0};
  std::thread thread_;
};

struct Sample {
  double seconds = 0;  // since the soak began
  double kib = 0;      // resident
};

/// By how much of its mean the line through the samples rises over all of them.
double GrowthOf(const std::vector<Sample>& samples) {
  Sample mean;
  for (const Sample& each : samples) {
    mean.seconds += each.seconds / static_cast<double>(samples.size());
    mean.kib += each.kib / static_cast<double>(samples.size());
  }
  double across = 0;
  double along = 0;
  for (const Sample& each : samples) {
    across += (each.seconds - mean.seconds) * (each.kib - mean.kib);
    along += (each.seconds - mean.seconds) * (each.seconds - mean.seconds);
  }
  return across / along * (samples.back().seconds - samples.front().seconds) / mean.kib;
}

class SoakTest : public testing::Test {
 protected:
  SoakTest()
      : stack_{{.simulator = {"--rate", std::to_string(kRate), "--always-open"},
                // Small files in little room, so that they come and go too.
                .environment = {{"SAUDA_FEED_JOURNAL_SEGMENT_MIB", "16"},
                                {"SAUDA_FEED_JOURNAL_MAX_MIB", "256"}}}} {
    stack_.StartAll();
    stack_.LogIn();
    (void)stack_.SyncInstruments();
    std::istringstream keys{stack_.postgres().Sql(
        "sauda",
        "SELECT instrument_key FROM instruments.instruments WHERE segment = 'NSE_EQ' "
        "ORDER BY instrument_id LIMIT " +
            std::to_string(kKeys))};
    for (std::string key; std::getline(keys, key);) keys_.push_back(key);
  }

  StreamTicksRequest Wanted(std::size_t number) const {
    StreamTicksRequest request;
    for (const std::string& key : keys_) request.add_add(key);
    request.set_policy(number % 2 == 0 ? feed::v1alpha1::OVERFLOW_POLICY_CONFLATE
                                       : feed::v1alpha1::OVERFLOW_POLICY_DROP_OLDEST);
    return request;
  }

  std::string Proc(const std::string& file) {
    return "/proc/" + std::to_string(stack_.process("feed").pid()) + "/" + file;
  }
  /// A figure of the feed's /proc/…/status: VmRSS, RssAnon.
  double StatusKib(const std::string& name) {
    const std::string status = ReadText(Proc("status"));
    const std::size_t at = status.find(name + ":");
    return at == std::string::npos ? 0 : std::atof(status.c_str() + at + name.size() + 1);
  }
  /// So that a soak that fails tells when it grew, and what: its own memory or mapped files.
  void Tell(std::chrono::seconds since) {
    std::cout << "after " << since.count() << " s: resident "
              << static_cast<std::int64_t>(StatusKib("VmRSS")) << " KiB, its own "
              << static_cast<std::int64_t>(StatusKib("RssAnon")) << ", threads "
              << static_cast<std::int64_t>(StatusKib("Threads")) << std::endl;
  }
  std::size_t Descriptors() {
    const std::filesystem::directory_iterator open{Proc("fd")};
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
  }
  double Metric(const std::string& name) {
    const auto page =
        RunCommand({.arguments = {"curl", "-s", stack_.MetricsAddress("feed") + "/metrics"}});
    const std::size_t at = page.output.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::atof(page.output.c_str() + at + name.size() + 2);
  }

  /// Lets a subscriber go and another come, twice a second, until the time is over; gives what was
  /// resident after the warm-up.
  void Load(std::vector<Sample>& samples) {
    std::deque<std::unique_ptr<Counter>> readers;
    const auto began = Steady::now();
    Steady::time_point emptied = began;
    for (auto next = began; next < began + kWarmUp + SoakTime(); next += kStep) {
      if (readers.size() == kReaders) {
        EXPECT_TRUE(WaitUntil([&] { return readers.front()->ticks() > 0; })) << "nothing came";
        delivered_ += readers.front()->ticks();
        readers.pop_front();
      }
      readers.push_back(std::make_unique<Counter>(stack_.Address("feed"), Wanted(came_++)));
      if (Steady::now() > emptied + 30s) {  // the table is not what is tested, nor has it room
        (void)stack_.postgres().Sql("sauda", "TRUNCATE feed.ticks");
        emptied = Steady::now();
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(next + kStep - Steady::now());
      ASSERT_FALSE(WaitUntil([&] { return !stack_.process("feed").Runs(); }, std::max(left, 0ms)))
          << stack_.Log("feed");
      const auto since = std::chrono::duration_cast<std::chrono::seconds>(next - began);
      if (next == began + since && since.count() % 60 == 0) Tell(since);
      if (next < began + kWarmUp) continue;
      samples.push_back(
          {std::chrono::duration<double>(Steady::now() - began).count(), StatusKib("VmRSS")});
    }
  }

  Stack stack_;
  std::vector<std::string> keys_;
  std::size_t came_ = 0;         // subscribers
  std::uint64_t delivered_ = 0;  // ticks to those that have gone
};

TEST_F(SoakTest, MemoryAndDescriptorsStayWhereTheyAre) {
  if (SoakTime() == 0s)
    GTEST_SKIP() << "SAUDA_SOAK_SECONDS asks for a soak; ./sauda test long does";
  ASSERT_EQ(keys_.size(), kKeys);
  ASSERT_TRUE(WaitUntil([this] { return stack_.Ready(); }, 60s)) << stack_.Get("/readyz").body;
  const double streams = Metric("sauda_feed_open_streams");  // other services follow ticks too
  ASSERT_GE(streams, 0) << "there is such a metric";
  {
    Counter first{stack_.Address("feed"), Wanted(0)};
    ASSERT_TRUE(WaitUntil([&] { return first.ticks() > 10 * kKeys; }, 60s)) << stack_.Log("feed");
  }
  ASSERT_TRUE(WaitUntil([&] { return Metric("sauda_feed_open_streams") == streams; }));
  const std::size_t descriptors = Descriptors();
  const double ticks_before = Metric("sauda_feed_ticks_total");

  const auto began = Steady::now();
  std::vector<Sample> samples;
  ASSERT_NO_FATAL_FAILURE(Load(samples));
  const std::chrono::duration<double> took = Steady::now() - began;

  const double rate = (Metric("sauda_feed_ticks_total") - ticks_before) / took.count();
  const double growth = GrowthOf(samples);
  std::ostringstream seen;
  seen << came_ << " subscribers, " << static_cast<std::int64_t>(rate) << " ticks/s in, "
       << static_cast<std::int64_t>(static_cast<double>(delivered_) / took.count())
       << "/s out, resident " << static_cast<std::int64_t>(samples.front().kib) << " to "
       << static_cast<std::int64_t>(samples.back().kib) << " KiB, growth " << growth;
  std::cout << seen.str() << std::endl;
  RecordProperty("seen", seen.str());
  // On a machine that is busy with other things every bounded queue fills up in the end, which is
  // no growth of the feed's own.
  ASSERT_GT(rate, kRate / 2.0) << "this machine is too busy to say, or the feed too slow";
  EXPECT_LT(std::abs(growth), kMostGrowth);
  EXPECT_TRUE(WaitUntil([&] { return Metric("sauda_feed_open_streams") == streams; }));
  EXPECT_TRUE(WaitUntil([&] { return Descriptors() == descriptors; }, 60s))
      << Descriptors() << " open, " << descriptors << " before";
}

}  // namespace
}  // namespace sauda::test
