#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/feed/src/desk.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/feed_fakes.hpp"

namespace sauda::feed {
namespace {

/// The instruments service is away.
struct NoDirectory final : InstrumentDirectory {
  Result<std::vector<Listing>> Resolve(const std::vector<std::string>& /*names*/,
                                       const std::string& /*request_id*/) override {
    ++calls;
    return Error{Code::kUnavailable, "INSTRUMENTS_DOWN", "away"};
  }
  int calls = 0;
};

Connector::Events NoEvents() {
  return {.on_frame = [](const BrokerFrame&) {}, .on_wanted = [](std::size_t) {}};
}

class DeskTest : public testing::Test {
 protected:
  static Listing Of(const std::string& key, const std::string& symbol, Kind kind = Kind::kEquity) {
    return {.key = key, .instrument_id = 1, .symbol = symbol, .kind = kind};
  }
  /// What an earlier run had kept.
  void Restore(const std::vector<Listing>& listings) {
    std::vector<KeptSubscription> kept;
    for (const Listing& each : listings) kept.push_back({.listing = each});
    ASSERT_EQ(desk_.Restore(kept), 0U);
  }
  std::vector<std::string> Unsubscribe(const std::vector<std::string>& names) {
    std::vector<std::string> keys;
    for (const InstrumentId id : desk_.Unsubscribe(names)) keys.push_back(desk_.KeyOf(id));
    return keys;
  }

  SystemClock clock_;
  Listings listings_;
  TextEncoder encoder_;
  ScriptedBroker broker_;
  MemorySubscriptionStore store_;
  NoDirectory directory_;
  Publisher publisher_{encoder_, {}, nullptr};
  HandOver hand_over_;
  Connector connector_{{broker_}, listings_, hand_over_, clock_, {}, NoEvents()};
  StateKeeper keeper_{store_, {}, {}};
  Desk desk_{directory_, listings_, connector_, publisher_, keeper_, [](FeedState&) {}};
};

struct NameCase {
  std::string name;
  std::vector<std::string> names;
  std::vector<std::string> ended;
};

class UnsubscribeTest : public DeskTest, public testing::WithParamInterface<NameCase> {};

TEST_P(UnsubscribeTest, NeedsNoInstrumentsService) {
  Restore({Of("BSE_EQ|1", "INFY"), Of("NSE_EQ|1", "INFY"), Of("NSE_INDEX|2", "SAME", Kind::kIndex),
           Of("NSE_EQ|2", "SAME"), Of("BSE_EQ|3", "ONLYBSE"), Of("NSE_EQ|4", "")});
  EXPECT_EQ(Unsubscribe(GetParam().names), GetParam().ended);
  EXPECT_EQ(connector_.Rows().size(), 6U - GetParam().ended.size());
  EXPECT_EQ(directory_.calls, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Names, UnsubscribeTest,
    testing::Values(NameCase{"Key", {"BSE_EQ|1"}, {"BSE_EQ|1"}},
                    NameCase{"SymbolMeansNseFirst", {"INFY"}, {"NSE_EQ|1"}},
                    NameCase{"SharesBeforeIndices", {"SAME"}, {"NSE_EQ|2"}},
                    NameCase{"SymbolOfWhatIsThere", {"ONLYBSE"}, {"BSE_EQ|3"}},
                    NameCase{"UnknownNames", {"NOBODY", "NSE_EQ|9", ""}, {}},
                    NameCase{"SomeKnown", {"NOBODY", "INFY", "NSE_EQ|4"}, {"NSE_EQ|1", "NSE_EQ|4"}},
                    NameCase{"TwiceCountsOnce", {"INFY", "INFY", "NSE_EQ|1"}, {"NSE_EQ|1"}}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
