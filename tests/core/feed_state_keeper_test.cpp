#include <atomic>

#include <gtest/gtest.h>

#include "services/feed/src/state_keeper.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;

constexpr Backoff::Limits kSoon{1ms, 2ms};

KeptSubscription Kept(const std::string& key, Mode mode = Mode::kFull) {
  return {.listing = {.key = key}, .mode = mode};
}

class StateKeeperTest : public testing::Test {
 protected:
  std::unique_ptr<StateKeeper> Make(std::chrono::milliseconds patience = 60s) {
    auto keeper = std::make_unique<StateKeeper>(
        store_, StateKeeper::Options{.backoff = kSoon, .patience = patience},
        StateKeeper::Events{.on_loaded =
                                [this](const KeptState& state) {
                                  loaded_ = state;
                                  times_loaded_ += 1;
                                },
                            .on_late = [this] { times_late_ += 1; },
                            .on_failure = [this](const Error&) { failures_ += 1; },
                            .on_saved = [] {}});
    return keeper;
  }

  MemorySubscriptionStore store_;
  KeptState loaded_;  // read after times_loaded_
  std::atomic<int> times_loaded_{0};
  std::atomic<int> times_late_{0};
  std::atomic<int> failures_{0};
};

TEST_F(StateKeeperTest, SavesAndLoadsAgain) {
  auto keeper = Make();
  keeper->Start();
  keeper->Put(Kept("A"));
  keeper->Put(Kept("B", Mode::kLtpc));
  keeper->Put(Kept("C"));
  keeper->Remove("C");
  keeper->SetConnected(false);
  EXPECT_TRUE(Eventually([&] { return times_loaded_ == 1; }));
  EXPECT_TRUE(keeper->Stop());
  const auto state = store_.Load();
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->connected);
  ASSERT_EQ(state->subscriptions.size(), 2U);
  EXPECT_EQ(state->subscriptions[1], Kept("B", Mode::kLtpc));
}

TEST_F(StateKeeperTest, WaitsForTheStoreAndSaysWhenItIsLate) {
  ASSERT_TRUE(store_.Save({.put = {Kept("A"), Kept("B")}, .connected = false}));
  store_.SetDown(true);
  auto keeper = Make(0ms);
  keeper->Start();
  EXPECT_TRUE(Eventually([&] { return times_late_ == 1 && failures_ > 2; }));
  keeper->Remove("A");  // somebody asked meanwhile
  keeper->SetConnected(true);
  EXPECT_EQ(times_loaded_, 0);
  store_.SetDown(false);
  EXPECT_TRUE(Eventually([&] { return times_loaded_ == 1; }));
  EXPECT_TRUE(keeper->Stop());
  ASSERT_EQ(loaded_.subscriptions.size(), 1U) << "what changed meanwhile is not restored";
  EXPECT_EQ(loaded_.subscriptions.front(), Kept("B"));
  EXPECT_TRUE(loaded_.connected);
  EXPECT_EQ(times_late_, 1);
  EXPECT_EQ(store_.Load()->subscriptions.size(), 1U);
}

TEST_F(StateKeeperTest, ChangesOutliveTheStoreBeingAway) {
  auto keeper = Make();
  keeper->Start();
  EXPECT_TRUE(Eventually([&] { return times_loaded_ == 1; }));
  store_.SetDown(true);
  keeper->Put(Kept("A"));
  EXPECT_TRUE(Eventually([&] { return failures_ > 1; }));
  keeper->Put(Kept("A", Mode::kLtpc));
  store_.SetDown(false);
  EXPECT_TRUE(Eventually([&] { return !store_.Load()->subscriptions.empty(); }));
  EXPECT_TRUE(keeper->Stop());
  EXPECT_EQ(store_.Load()->subscriptions.front(), Kept("A", Mode::kLtpc));
}

TEST_F(StateKeeperTest, KeysComeBackInTheOrderInWhichTheyCame) {
  auto keeper = Make();
  keeper->Start();
  EXPECT_TRUE(Eventually([&] { return times_loaded_ == 1; }));
  store_.SetDown(true);
  for (const char* key : {"C", "A", "D", "B"}) keeper->Put(Kept(key));
  keeper->Remove("D");
  EXPECT_TRUE(Eventually([&] { return failures_ > 1; }));
  keeper->Put(Kept("C", Mode::kLtpc));  // another mode keeps its place
  keeper->Put(Kept("D"));               // what was gone comes last
  store_.SetDown(false);
  EXPECT_TRUE(Eventually([&] { return store_.Load()->subscriptions.size() == 4; }));
  EXPECT_TRUE(keeper->Stop());
  const auto state = store_.Load();
  ASSERT_TRUE(state);
  std::string keys;
  for (const auto& each : state->subscriptions) keys += each.listing.key;
  EXPECT_EQ(keys, "CABD");
}

TEST_F(StateKeeperTest, StopSaysWhenSomethingStaysUnsaved) {
  auto keeper = Make();
  keeper->Start();
  EXPECT_TRUE(Eventually([&] { return times_loaded_ == 1; }));
  store_.SetDown(true);
  keeper->Put(Kept("A"));
  EXPECT_FALSE(keeper->Stop());
}

}  // namespace
}  // namespace sauda::feed
