#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_server.hpp"
#include "tests/support/rpc_call.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;

class FeedServiceTest : public testing::Test {
 protected:
  template <typename Method, typename Request>
  auto Call(Method method, const Request& request) {
    return CallOf(server_.stub(), method, request);
  }
  Result<v1alpha1::SubscribeResponse> Subscribe(const std::vector<std::string>& names,
                                                v1alpha1::Mode mode = {},
                                                const std::string& account = "") {
    v1alpha1::SubscribeRequest request;
    for (const auto& name : names) request.add_names(name);
    request.set_mode(mode);
    request.set_account_id(account);
    return Call(&v1alpha1::FeedService::Stub::Subscribe, request);
  }
  v1alpha1::ListSubscriptionsResponse List() {
    return *Call(&v1alpha1::FeedService::Stub::ListSubscriptions,
                 v1alpha1::ListSubscriptionsRequest{});
  }

  FeedServer server_{10};
};

TEST_F(FeedServiceTest, SubscribesInTheOrderAskedAndListsByKey) {
  const auto subscribed = Subscribe({"K2", "K1", "K2"}, v1alpha1::MODE_LTPC);
  ASSERT_TRUE(subscribed);
  EXPECT_THAT(subscribed->instrument_keys(), ElementsAre("K2", "K1", "K2"));
  const auto list = List();
  ASSERT_EQ(list.subscriptions_size(), 2);
  EXPECT_EQ(list.subscriptions(0).instrument_key(), "K1");
  EXPECT_EQ(list.subscriptions(0).trading_symbol(), "SYMBOL");
  EXPECT_EQ(list.subscriptions(0).mode(), v1alpha1::MODE_LTPC);
  EXPECT_EQ(list.subscriptions(0).state(), v1alpha1::SUBSCRIPTION_STATE_WAITING);
}

struct ModeCase {
  std::string name;
  v1alpha1::Mode had;
  v1alpha1::Mode asked;
  v1alpha1::Mode has;
};

class SubscribeModeTest : public FeedServiceTest, public testing::WithParamInterface<ModeCase> {};

TEST_P(SubscribeModeTest, IsSetWhenGivenAndKeptWhenNot) {
  ASSERT_TRUE(Subscribe({"K1"}, GetParam().had));
  ASSERT_TRUE(Subscribe({"K1"}, GetParam().asked));
  EXPECT_EQ(List().subscriptions(0).mode(), GetParam().has);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, SubscribeModeTest,
    testing::Values(
        ModeCase{"NewIsFull", {}, {}, v1alpha1::MODE_FULL},
        ModeCase{"MoreIsKept", v1alpha1::MODE_FULL_D30, {}, v1alpha1::MODE_FULL_D30},
        ModeCase{"LessIsKept", v1alpha1::MODE_LTPC, {}, v1alpha1::MODE_LTPC},
        ModeCase{"Lowered", v1alpha1::MODE_FULL, v1alpha1::MODE_LTPC, v1alpha1::MODE_LTPC},
        ModeCase{"Raised", v1alpha1::MODE_LTPC, v1alpha1::MODE_FULL, v1alpha1::MODE_FULL}),
    CaseName{});

TEST_F(FeedServiceTest, UnsubscribesWhatIsSubscribed) {
  ASSERT_TRUE(Subscribe({"K1", "K2"}));
  ASSERT_TRUE(server_.Tick(1));
  v1alpha1::UnsubscribeRequest request;
  for (const char* name : {"K1", "K7", "NOBODY"}) request.add_names(name);
  const auto ended = Call(&v1alpha1::FeedService::Stub::Unsubscribe, request);
  ASSERT_TRUE(ended);
  EXPECT_THAT(ended->instrument_keys(), ElementsAre("K1"));
  EXPECT_EQ(List().subscriptions_size(), 1);
  const auto latest = Call(&v1alpha1::FeedService::Stub::GetLatest, v1alpha1::GetLatestRequest{});
  EXPECT_EQ(latest->ticks_size(), 0) << "what is not subscribed is not shown as new";
}

TEST_F(FeedServiceTest, LatestIsByKeyAndOfTheAsked) {
  ASSERT_TRUE(Subscribe({"K1", "K2", "K3"}));
  for (const int key : {3, 1, 3}) ASSERT_TRUE(server_.Tick(key, key * 10.0));
  v1alpha1::GetLatestRequest all;
  EXPECT_TRUE(Eventually([&] {
    const auto latest = Call(&v1alpha1::FeedService::Stub::GetLatest, all);
    return latest && latest->ticks_size() == 2 && latest->ticks(1).seq() == 3;
  }));
  const auto latest = Call(&v1alpha1::FeedService::Stub::GetLatest, all);
  EXPECT_EQ(latest->instance(), "run1");
  EXPECT_EQ(latest->ticks(0).instrument_key(), "K1");
  EXPECT_EQ(latest->ticks(1).instrument_key(), "K3");
  v1alpha1::GetLatestRequest one;
  one.add_instrument_keys("K1");
  EXPECT_EQ(Call(&v1alpha1::FeedService::Stub::GetLatest, one)->ticks_size(), 1);
  v1alpha1::GetLatestRequest none;
  none.add_instrument_keys("K9");
  EXPECT_EQ(Call(&v1alpha1::FeedService::Stub::GetLatest, none)->ticks_size(), 0);
}

TEST_F(FeedServiceTest, StatusAndSwitchAreThere) {
  ASSERT_TRUE(Subscribe({"K1"}));
  server_.connector().Start(true);
  EXPECT_TRUE(Eventually([&] {
    return Call(&v1alpha1::FeedService::Stub::GetStatus, v1alpha1::GetStatusRequest{})
               ->connection() == v1alpha1::CONNECTION_STATE_WAITING_FOR_TOKEN;
  }));
  ASSERT_TRUE(Call(&v1alpha1::FeedService::Stub::Disconnect, v1alpha1::DisconnectRequest{}));
  EXPECT_TRUE(Eventually([&] {
    return Call(&v1alpha1::FeedService::Stub::GetStatus, v1alpha1::GetStatusRequest{})
               ->connection() == v1alpha1::CONNECTION_STATE_OFF;
  }));
  const auto status = Call(&v1alpha1::FeedService::Stub::Connect, v1alpha1::ConnectRequest{});
  ASSERT_TRUE(status);
  EXPECT_EQ(status->instance(), "run1");
  EXPECT_EQ(status->total_symbols(), 1U);
}

TEST_F(FeedServiceTest, OtherAccountsAreUnknownEverywhere) {
  v1alpha1::GetStatusRequest status;
  status.set_account_id("other");
  EXPECT_EQ(Call(&v1alpha1::FeedService::Stub::GetStatus, status).error().reason,
            "ACCOUNT_UNKNOWN");
  v1alpha1::DisconnectRequest disconnect;
  disconnect.set_account_id("other");
  EXPECT_EQ(Call(&v1alpha1::FeedService::Stub::Disconnect, disconnect).error().reason,
            "ACCOUNT_UNKNOWN");
  EXPECT_EQ(Subscribe({"K1"}, {}, "other").error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_TRUE(Subscribe({"K1"}, {}, "main"));
}

struct BadCase {
  std::string name;
  std::vector<std::string> names;
  v1alpha1::Mode mode;
  std::string reason;
};

class BadSubscribeTest : public FeedServiceTest, public testing::WithParamInterface<BadCase> {};

TEST_P(BadSubscribeTest, ChangesNothing) {
  const auto subscribed = Subscribe(GetParam().names, GetParam().mode);
  ASSERT_FALSE(subscribed);
  EXPECT_EQ(subscribed.error().reason, GetParam().reason);
  EXPECT_EQ(List().subscriptions_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, BadSubscribeTest,
    testing::Values(
        BadCase{"NoNames", {}, v1alpha1::MODE_FULL, "NO_INSTRUMENTS"},
        BadCase{"TooMany", std::vector<std::string>(5'001, "K1"), v1alpha1::MODE_FULL,
                "TOO_MANY_INSTRUMENTS"},
        BadCase{"UnknownMode", {"K1"}, static_cast<v1alpha1::Mode>(9), "MODE_UNKNOWN"},
        BadCase{"UnknownName", {"K1", "NOBODY"}, v1alpha1::MODE_FULL, "INSTRUMENT_UNKNOWN"}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
