// Subscriptions by type, by underlying and by universe: the feed asks the instruments service.

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/adapters/instruments_client.hpp"
#include "services/feed/src/config.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/feed_instruments.hpp"
#include "tests/support/feed_server.hpp"
#include "tests/support/rpc_call.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;

/// Both services; the feed's limits are 2 indices, 3 equities, 2 futures, 4 options, and NIFTY is
/// not of its universe.
class SelectionTest : public testing::Test {
 protected:
  Result<v1alpha1::SubscribeResponse> Ask(const v1alpha1::SubscribeRequest& request) {
    return CallOf(feed_.stub(), &v1alpha1::FeedService::Stub::Subscribe, request);
  }
  /// The keys, and how much was taken.
  static std::string Said(const Result<v1alpha1::SubscribeResponse>& response) {
    if (!response) return response.error().reason;
    std::string text;
    for (const std::string& key : response->instrument_keys()) {
      text += key.substr(key.find('|') + 1) + " ";
    }
    for (const auto& each : response->selected()) {
      text += "| " + std::to_string(each.taken()) + " of " + std::to_string(each.total()) + " ";
      if (each.limited_by() == v1alpha1::LIMITED_BY_KIND) text += "by kind ";
      if (each.limited_by() == v1alpha1::LIMITED_BY_REQUEST) text += "by request ";
    }
    return text;
  }
  std::size_t Count() {
    return static_cast<std::size_t>(CallOf(feed_.stub(),
                                           &v1alpha1::FeedService::Stub::ListSubscriptions,
                                           v1alpha1::ListSubscriptionsRequest{})
                                        ->subscriptions_size());
  }

  InstrumentsServer instruments_;
  std::atomic<bool> up_{false};
  InstrumentsClient directory_{*rpc::Connect(instruments_.address(), {}), std::chrono::seconds{5},
                               [this](const Error* failure) { up_ = failure == nullptr; }};
  FeedServer feed_{directory_};
};

struct SelectionCase {
  std::string name;
  std::function<void(v1alpha1::SubscribeRequest&, v1alpha1::Selection&)> ask;
  std::string said;
};
class SelectionCaseTest : public SelectionTest,
                          public testing::WithParamInterface<SelectionCase> {};

TEST_P(SelectionCaseTest, SubscribesAndSaysHowMuch) {
  v1alpha1::SubscribeRequest request;
  GetParam().ask(request, *request.mutable_selection());
  const auto response = Ask(request);
  EXPECT_EQ(Said(response), GetParam().said);
  EXPECT_EQ(Count(), response ? static_cast<std::size_t>(response->instrument_keys_size()) : 0U);
  EXPECT_TRUE(up_ || GetParam().said.ends_with("_INVALID") || GetParam().said.ends_with("UNKNOWN"));
}

INSTANTIATE_TEST_SUITE_P(
    Selections, SelectionCaseTest,
    testing::Values(
        SelectionCase{"Equities", [](auto&, auto& it) { it.set_kind(v1alpha1::KIND_EQUITY); },
                      "INFY TCS | 2 of 2 "},
        SelectionCase{"Futures", [](auto&, auto& it) { it.set_kind(v1alpha1::KIND_FUTURE); },
                      "3 2 | 2 of 3 by kind "},
        SelectionCase{"OptionsOfAnUnderlying",
                      [](auto&, auto& it) {
                        it.set_kind(v1alpha1::KIND_OPTION);
                        it.set_underlying("NIFTY");
                        it.set_near_price(410.5);
                        it.set_limit(3);
                      },
                      "C400 C500 C300 | 3 of 6 by request "},
        SelectionCase{"UnderlyingByKey",
                      [](auto&, auto& it) { it.set_underlying("NSE_INDEX|Nifty 50"); },
                      "2 1 C100 C200 C300 C400 | 2 of 2 | 4 of 6 by kind "},
        SelectionCase{"UnderlyingThatIsNone", [](auto&, auto& it) { it.set_underlying("NONE"); },
                      "SELECTION_EMPTY"},
        SelectionCase{"Universe", [](auto&, auto& it) { it.set_universe(v1alpha1::UNIVERSE_FO); },
                      "INFY | 1 of 1 | 0 of 0 "},
        SelectionCase{"UniverseWithNothingLeft",
                      [](auto&, auto& it) {
                        it.set_universe(v1alpha1::UNIVERSE_FO);
                        it.add_exclude("INFY");
                      },
                      "SELECTION_EMPTY"},
        SelectionCase{"FuturesOfTheUniverse",
                      [](auto&, auto& it) {
                        it.set_universe(v1alpha1::UNIVERSE_FO);
                        it.set_kind(v1alpha1::KIND_FUTURE);
                      },
                      "3 | 1 of 1 "},
        SelectionCase{"WithNames",
                      [](auto& request, auto& it) {
                        request.add_names("TCS");
                        it.set_kind(v1alpha1::KIND_INDEX);
                      },
                      "TCS Nifty 50 | 1 of 1 "},
        SelectionCase{"NothingOfAll", [](auto&, auto&) {}, "SELECTION_INVALID"},
        SelectionCase{"UnknownKind",
                      [](auto&, auto& it) { it.set_kind(static_cast<v1alpha1::Kind>(9)); },
                      "KIND_UNKNOWN"},
        SelectionCase{"UnknownUniverse",
                      [](auto&, auto& it) { it.set_universe(static_cast<v1alpha1::Universe>(9)); },
                      "UNIVERSE_UNKNOWN"},
        SelectionCase{"UnknownSegment",
                      [](auto&, auto& it) {
                        it.set_kind(v1alpha1::KIND_EQUITY);
                        it.set_segment("X");
                      },
                      "SEGMENT_UNKNOWN"}),
    CaseName{});

TEST_F(SelectionTest, StrikesAreTakenAroundTheNewestPriceOfTheUnderlying) {
  v1alpha1::SubscribeRequest request;
  request.add_names("NIFTY");
  ASSERT_TRUE(Ask(request));
  ASSERT_TRUE(feed_.Tick("NSE_INDEX|Nifty 50", 590));
  ASSERT_TRUE(Eventually([this] { return feed_.publisher().known() == 1; }));
  request.clear_names();
  request.mutable_selection()->set_underlying("NIFTY");
  request.mutable_selection()->set_kind(v1alpha1::KIND_OPTION);
  const auto response = Ask(request);
  EXPECT_EQ(Said(response), "C600 C500 C400 C300 | 4 of 6 by kind ");
  EXPECT_EQ(response->near_price(), 590);
}

TEST_F(SelectionTest, AWrongNameIsLeftOutAndToldWhenThatIsAskedFor) {
  v1alpha1::SubscribeRequest request;
  for (const char* name : {"INFY", "NOBODY", "NSE_EQ|TCS", "NSE_EQ|NONE"}) request.add_names(name);
  EXPECT_EQ(Said(Ask(request)), "INSTRUMENT_UNKNOWN") << "all or nothing, unless asked otherwise";
  EXPECT_EQ(Count(), 0U);
  request.set_partial(true);
  const auto response = Ask(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->instrument_keys(), ElementsAre("NSE_EQ|INFY", "NSE_EQ|TCS"));
  ASSERT_EQ(response->refused_size(), 2);
  EXPECT_EQ(response->refused(0).name(), "NOBODY");
  EXPECT_EQ(response->refused(0).reason(), "INSTRUMENT_UNKNOWN");
  EXPECT_EQ(response->refused(1).name(), "NSE_EQ|NONE");
  EXPECT_THAT(response->refused(1).message(), testing::HasSubstr("NSE_EQ|NONE"));
  EXPECT_EQ(Count(), 2U);
}

TEST_F(SelectionTest, SaysThatTheInstrumentsServiceIsAway) {
  instruments_.Stop();
  v1alpha1::SubscribeRequest request;
  request.set_partial(true);
  request.mutable_selection()->set_kind(v1alpha1::KIND_EQUITY);
  EXPECT_EQ(Said(Ask(request)), "INSTRUMENTS_DOWN");
  EXPECT_FALSE(up_);
}

/// The feed's settings as these arguments say.
Result<Config> Parse(const std::vector<std::string>& arguments) {
  Config config;
  Settings settings{"feed", "sauda-feed", "A sample"};
  config.Declare(settings);
  const auto parsed =
      settings.Parse(arguments, [](const std::string&) { return std::optional<std::string>{}; });
  if (!parsed) return parsed.error();
  return config;
}

struct SettingCase {
  std::string name;
  std::string argument;
  bool taken = false;
};
class SelectionSettingTest : public testing::TestWithParam<SettingCase> {};

TEST_P(SelectionSettingTest, IsWithinBounds) {
  EXPECT_EQ(Parse({GetParam().argument}).has_value(), GetParam().taken);
}

INSTANTIATE_TEST_SUITE_P(
    Limits, SelectionSettingTest,
    testing::Values(SettingCase{"Least", "--limit-index=1", true},
                    SettingCase{"None", "--limit-index=0"},
                    SettingCase{"Most", "--limit-equity=5000", true},
                    SettingCase{"TooMany", "--limit-equity=5001"},
                    SettingCase{"NoNumber", "--limit-futures=all"},
                    SettingCase{"BelowZero", "--limit-options=-1"},
                    SettingCase{"Excluded", "--universe-exclude=NIFTY,INFY", true},
                    SettingCase{"NothingExcluded", "--universe-exclude=none", true}),
    CaseName{});

TEST(SelectionSettingsTest, TheDefaultsAreThoseOfTheDocuments) {
  const auto config = Parse({});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->limit_index, 100);
  EXPECT_EQ(config->limit_equity, 500);
  EXPECT_EQ(config->limit_futures, 200);
  EXPECT_EQ(config->limit_options, 500);
  EXPECT_THAT(config->universe_exclude,
              ElementsAre("NIFTY", "BANKNIFTY", "FINNIFTY", "NIFTYNXT50"));
}

}  // namespace
}  // namespace sauda::feed
