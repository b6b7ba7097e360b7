// Streams that follow by type, by underlying and by universe: the feed asks the instruments
// service.

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/adapters/instruments_client.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_instruments.hpp"
#include "tests/support/feed_server.hpp"
#include "tests/support/rpc_call.hpp"

namespace sauda::feed {
namespace {

using Follow = v1alpha1::StreamTicksRequest;

/// Both services; NIFTY is not of the feed's universe. Its limits of a selection are smaller than
/// what is followed.
class FollowTest : public testing::Test {
 protected:
  void Subscribe(const std::vector<std::string>& names) {
    v1alpha1::SubscribeRequest request;
    for (const std::string& each : names) request.add_names(each);
    const auto done = CallOf(feed_.stub(), &v1alpha1::FeedService::Stub::Subscribe, request);
    ASSERT_TRUE(done) << done.error().message;
  }
  /// A tick of each key, in this order.
  void Tick(const std::vector<std::string>& keys) {
    for (const std::string& each : keys) ASSERT_TRUE(feed_.Tick(each, 100)) << each;
  }
  /// What each tick is of, without the segment.
  static std::vector<std::string> KeysOf(const std::vector<v1alpha1::Tick>& ticks) {
    std::vector<std::string> keys;
    for (const auto& each : ticks) {
      keys.push_back(each.instrument_key().substr(each.instrument_key().find('|') + 1));
    }
    return keys;
  }
  /// Why a stream that asks for this ends at once.
  std::string Refusal(const Follow& follow) {
    StreamReader reader{feed_.stub(), follow};
    EXPECT_FALSE(reader.Read());
    return reader.Finish().reason;
  }

  InstrumentsServer instruments_;
  InstrumentsClient directory_{*rpc::Connect(instruments_.address(), {}), std::chrono::seconds{5},
                               [](const Error*) {}};
  FeedServer feed_{directory_};
};

struct FollowCase {
  std::string name;
  std::function<void(Follow&)> ask;
  std::vector<std::string> first;  ///< of what is subscribed before
  std::vector<std::string> then;   ///< of all, in the order of the ticks
};
class FollowCaseTest : public FollowTest, public testing::WithParamInterface<FollowCase> {};

TEST_P(FollowCaseTest, GivesWhatIsThereAndWhatComesEachTickOnce) {
  const std::vector<std::string> before{"NSE_EQ|TCS", "NSE_INDEX|Nifty 50", "NSE_EQ|INFY",
                                        "NSE_FO|1", "NSE_FO|C100"};
  const std::vector<std::string> later{"NSE_FO|2", "NSE_FO|3", "NSE_FO|C200"};
  Subscribe(before);
  Tick(before);
  ASSERT_TRUE(Eventually([&] { return feed_.publisher().known() == before.size(); }));
  Follow follow;
  follow.set_policy(v1alpha1::OVERFLOW_POLICY_DISCONNECT);
  GetParam().ask(follow);
  StreamReader reader{feed_.stub(), follow};
  const auto first = reader.ReadTicks(GetParam().first.size());
  EXPECT_THAT(KeysOf(first), testing::UnorderedElementsAreArray(GetParam().first));
  for (const auto& each : first) EXPECT_TRUE(each.snapshot());

  Subscribe(later);
  for (int round = 0; round < 2; ++round) {
    const std::uint64_t seq = feed_.seq();
    Tick(before);
    Tick(later);
    const auto then = reader.ReadTicks(GetParam().then.size());
    EXPECT_THAT(KeysOf(then), testing::ElementsAreArray(GetParam().then)) << "round " << round;
    for (const auto& each : then) {
      EXPECT_FALSE(each.snapshot());
      EXPECT_GT(each.seq(), seq);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Filters, FollowCaseTest,
    testing::Values(FollowCase{"Type",
                               [](auto& it) { it.add_follow_kinds(v1alpha1::KIND_FUTURE); },
                               {"1"},
                               {"1", "2", "3"}},
                    FollowCase{"UnderlyingBySymbol",
                               [](auto& it) { it.add_follow_underlyings("NIFTY"); },
                               {"Nifty 50", "1", "C100"},
                               {"Nifty 50", "1", "C100", "2", "C200"}},
                    FollowCase{"UnderlyingByKey",
                               [](auto& it) { it.add_follow_underlyings("NSE_EQ|INFY"); },
                               {"INFY"},
                               {"INFY", "3"}},
                    FollowCase{"TwoUnderlyings",
                               [](auto& it) {
                                 it.add_follow_underlyings("INFY");
                                 it.add_follow_underlyings("TCS");
                               },
                               {"TCS", "INFY"},
                               {"TCS", "INFY", "3"}},
                    FollowCase{"TypeOfAnUnderlying",
                               [](auto& it) {
                                 it.add_follow_kinds(v1alpha1::KIND_OPTION);
                                 it.add_follow_underlyings("NIFTY");
                               },
                               {"C100"},
                               {"C100", "C200"}},
                    FollowCase{"Universe",
                               [](auto& it) { it.set_follow_universe(v1alpha1::UNIVERSE_FO); },
                               {"INFY"},
                               {"INFY", "3"}},
                    FollowCase{"TypeOfTheUniverseAndAnUnderlying",
                               [](auto& it) {
                                 it.add_follow_kinds(v1alpha1::KIND_FUTURE);
                                 it.add_follow_underlyings("NIFTY");
                                 it.set_follow_universe(v1alpha1::UNIVERSE_FO);
                               },
                               {"1"},
                               {"1", "2", "3"}},
                    FollowCase{"WithKeysThatItTakesToo",
                               [](auto& it) {
                                 it.add_add("TCS");
                                 it.add_add("NSE_FO|C100");
                                 it.add_follow_kinds(v1alpha1::KIND_OPTION);
                                 it.add_follow_underlyings("NIFTY");
                               },
                               {"TCS", "C100"},
                               {"TCS", "C100", "C200"}},
                    FollowCase{"EverythingIsNotNarrowed",
                               [](auto& it) {
                                 it.set_follow_all(true);
                                 it.add_follow_underlyings("INFY");
                               },
                               {"TCS", "Nifty 50", "INFY", "1", "C100"},
                               {"TCS", "Nifty 50", "INFY", "1", "C100", "2", "3", "C200"}}),
    CaseName{});

struct FollowRefusal {
  std::string name;
  std::function<void(Follow&)> ask;
  std::string reason;
};
class FollowRefusalTest : public FollowTest, public testing::WithParamInterface<FollowRefusal> {};

TEST_P(FollowRefusalTest, HasAReason) {
  Follow follow;
  GetParam().ask(follow);
  EXPECT_EQ(Refusal(follow), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Refusals, FollowRefusalTest,
    testing::Values(
        FollowRefusal{"Nothing", [](auto&) {}, "NO_INSTRUMENTS"},
        FollowRefusal{"UnknownType",
                      [](auto& it) { it.add_follow_kinds(v1alpha1::KIND_UNSPECIFIED); },
                      "KIND_UNKNOWN"},
        FollowRefusal{"UnknownUnderlying", [](auto& it) { it.add_follow_underlyings("NOBODY"); },
                      "INSTRUMENT_UNKNOWN"},
        FollowRefusal{"OneUnknownUnderlying",
                      [](auto& it) {
                        it.add_follow_underlyings("NIFTY");
                        it.add_follow_underlyings("NSE_EQ|NONE");
                      },
                      "INSTRUMENT_UNKNOWN"},
        FollowRefusal{"UnknownUniverse",
                      [](auto& it) { it.set_follow_universe(static_cast<v1alpha1::Universe>(9)); },
                      "UNIVERSE_UNKNOWN"},
        FollowRefusal{"TooManyUnderlyings",
                      [](auto& it) {
                        for (int i = 0; i <= 250; ++i) it.add_follow_underlyings("NIFTY");
                      },
                      "TOO_MANY_UNDERLYINGS"}),
    CaseName{});

TEST_F(FollowTest, AsManyUnderlyingsAsAllowedAreFollowed) {
  Subscribe({"NIFTY"});
  Tick({"NSE_INDEX|Nifty 50"});
  Follow follow;
  for (int i = 0; i < 250; ++i) follow.add_follow_underlyings("NIFTY");
  StreamReader reader{feed_.stub(), follow};
  EXPECT_EQ(reader.ReadTicks(1).size(), 1U);
}

TEST_F(FollowTest, TheUniverseNeedsTheInstrumentsService) {
  instruments_.Stop();
  Follow follow;
  follow.set_follow_universe(v1alpha1::UNIVERSE_FO);
  EXPECT_EQ(Refusal(follow), "INSTRUMENTS_DOWN");
}

TEST_F(FollowTest, AStreamThatHasEndedFollowsNothingMore) {
  Follow follow;
  follow.add_follow_underlyings("NIFTY");
  {
    StreamReader reader{feed_.stub(), follow};
    ASSERT_TRUE(reader.Read());
  }
  ASSERT_TRUE(Eventually([this] { return feed_.service().streams() == 0; }));
  Subscribe({"NIFTY", "NSE_FO|1"});
  StreamReader reader{feed_.stub(), follow};
  ASSERT_TRUE(reader.Read());
  Tick({"NSE_FO|1"});
  EXPECT_THAT(KeysOf(reader.ReadTicks(1)), testing::ElementsAre("1"));
}

// Earlier versions did not keep what a contract is written on.
TEST_F(FollowTest, AContractIsNotInHandBeforeItsUnderlyingIsKnown) {
  directory_.Remember({.key = "NSE_FO|1", .instrument_id = 1, .kind = Kind::kFuture});
  directory_.Remember({.key = "NSE_FO|2",
                       .instrument_id = 2,
                       .kind = Kind::kFuture,
                       .underlying = "NSE_INDEX|Nifty 50"});
  directory_.Remember({.key = "NSE_EQ|TCS", .instrument_id = 3, .kind = Kind::kEquity});
  const auto found = directory_.Find({"NSE_FO|1"}, "request");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(found->at(0));
  EXPECT_EQ(found->at(0)->underlying, "NSE_INDEX|Nifty 50");
  instruments_.Stop();
  EXPECT_TRUE(directory_.Find({"NSE_FO|1", "NSE_FO|2", "NSE_EQ|TCS"}, "request"));
}

}  // namespace
}  // namespace sauda::feed
