// The feed's fault table: each fault is made by the simulator, and the feed's own parts say when
// they noticed, when the keys ticked again, and what they told beyond that. Run alone it prints the
// table of docs/benchmarks.md, between the lines of the log. Times that the design gives in seconds
// are as they are; the tests say which settings are shorter than the defaults.
#include "tests/support/case_name.hpp"
#include "tests/support/feed_under_fault.hpp"

namespace sauda::feed {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// What the feed says of a fault.
enum class Sign : std::uint8_t { kLost, kStale, kBadFrame, kFailedAttempt, kTokenRefused };

struct FaultCase {
  std::string name;
  std::vector<json> faults;  ///< made in this order, at once
  Sign sign = Sign::kLost;
  double detect_limit = 1;  ///< seconds; of a STALE connection on top of the keys' p99 spacing
  Caused caused;
  bool lasts = false;  ///< until the feed has noticed; otherwise it is over as soon as it is made
  std::size_t keys = 4;
};

json Often(const char* kind, int count) {
  return {{"target", "feed"}, {"kind", kind}, {"count", count}};
}
json Answer(int status) { return {{"target", "feed"}, {"kind", "status"}, {"status", status}}; }

class FeedFaultTest : public FeedUnderFault, public testing::WithParamInterface<FaultCase> {
 protected:
  /// A dead connection is one without a pong: pings every 3 s instead of 30, 1 s instead of 10 for
  /// the answer.
  static Config Settings(Sign sign) {
    Config settings;
    if (sign == Sign::kLost) {
      settings.ping_every = 3s;
      settings.pong_limit = 1s;
    }
    return settings;
  }
  bool Shows(Sign sign) {
    switch (sign) {
      case Sign::kLost:
        return Metric("connection_losses_total") > 0;
      case Sign::kStale:
        return Is(ConnectionState::kStale);
      case Sign::kBadFrame:
        return Metric("bad_frames_total") > 0;
      case Sign::kFailedAttempt:
        return Metric("connect_failures_total") > 0;
      case Sign::kTokenRefused:
        return refusals_ > 0;
    }
    return false;
  }
  /// The spacing that the quickest key keeps to; 0 where it is of no meaning.
  double Spacing() {
    std::int64_t least = INT64_MAX;
    for (const InstrumentId id : ids_) {
      least = std::min(least, ground_->listings.counts(id).p99_spacing_ns.load());
    }
    return GetParam().sign == Sign::kStale ? static_cast<double>(least) / 1e9 : 0;
  }
};

TEST_P(FeedFaultTest, IsNoticedAndGotOver) {
  const FaultCase& fault = GetParam();
  // Twenty ticks of each key a second, a hundred at the most of all of them.
  Begin({.rate = std::max(100.0, 20.0 * static_cast<double>(fault.keys))}, Settings(fault.sign),
        fault.keys);
  AwaitSteady(fault.sign == Sign::kStale);
  ASSERT_EQ(FalseAlarms({}), 0) << "before there was a fault";

  FaultRow row{.name = fault.name};
  row.detect_limit = fault.detect_limit + Spacing();
  const Monotonic made = clock_.Now();
  for (const json& each : fault.faults) Fault(each);
  ASSERT_TRUE(Eventually([&] { return Shows(fault.sign); }, 30s));
  row.detected = SecondsSince(made);
  const auto ticks = Ticks();
  const Monotonic over = fault.lasts ? clock_.Now() : made;
  if (fault.lasts) Admin("DELETE", "/faults");
  MeasureRecovery(row, ticks, over);
  EXPECT_TRUE(Eventually([&] { return Is(ConnectionState::kLive); }));
  Judge(row, fault.caused);
}

INSTANTIATE_TEST_SUITE_P(
    Broker, FeedFaultTest,
    testing::Values(FaultCase{"Drop", {FeedFault("drop")}, Sign::kLost, 1, kOneLoss},
                    FaultCase{.name = "DropOfManyKeys",
                              .faults = {FeedFault("drop")},
                              .caused = kOneLoss,
                              .keys = 120},
                    FaultCase{"Stall", {FeedFault("stall")}, Sign::kStale, 5, {}, true},
                    FaultCase{"HalfOpen", {FeedFault("half-open")}, Sign::kLost, 4, kOneLoss, true},
                    FaultCase{"Garbage", {Often("garbage", 10)}, Sign::kBadFrame},
                    FaultCase{"Truncation", {Often("truncated", 10)}, Sign::kBadFrame},
                    FaultCase{"Refused401",
                              {Answer(401), FeedFault("drop")},
                              Sign::kTokenRefused,
                              1,
                              kOneLossAndAFailure},
                    FaultCase{"Refused403",
                              {Answer(403), FeedFault("drop")},
                              Sign::kFailedAttempt,
                              1,
                              kOneLossAndAFailure},
                    FaultCase{"SingleUseCodeReused",
                              {FeedFault("used-code"), FeedFault("drop")},
                              Sign::kFailedAttempt,
                              1,
                              kOneLossAndAFailure}),
    CaseName{});

/// Faults of the keys.
using FeedKeyFaults = FeedUnderFault;

// The feed keeps to the broker's limits itself, so that nothing goes wrong there.
TEST_F(FeedKeyFaults, KeysOverTheLimitAreRefusedAndDisturbNothing) {
  Begin({.rate = 100}, {}, 4);
  AwaitSteady();
  std::vector<InstrumentId> many;
  for (int i = 0; i < 4'000; ++i) {
    many.push_back(ground_->listings.Add({.key = "NSE_FO|" + std::to_string(i)}));
  }
  FaultRow row{.name = "OverLimitKeys", .detect_limit = 1};
  const Monotonic made = clock_.Now();
  const auto refused = feed().Want(many, Mode::kFull, false);
  row.detected = SecondsSince(made);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "SUBSCRIPTION_LIMIT");
  MeasureRecovery(row, Ticks(), clock_.Now());
  EXPECT_EQ(feed().Status().wanted, 4U);
  Judge(row, {});
}

/// A key without an answer counts as failed after 1 s instead of 60.
Config AnswersSoon() {
  Config settings;
  settings.answer_limit = 1s;
  return settings;
}

// A broker that takes fewer than it says is silent about the rest.
TEST_F(FeedKeyFaults, KeysThatTheBrokerDoesNotTakeAreToldAndTakenOnceThereIsRoom) {
  Begin({.rate = 200, .feed_keys = 10}, AnswersSoon(), 10);
  AwaitSteady();
  FaultRow row{.name = "OverTheBrokersOwnLimit", .detect_limit = 2};
  const Monotonic made = clock_.Now();
  Want(4);
  ASSERT_TRUE(Eventually([&] { return feed().Status().failed == 4; }));
  row.detected = SecondsSince(made);
  EXPECT_TRUE(Is(ConnectionState::kLive)) << "the others tick";

  const std::vector<InstrumentId> first(ids_.begin(), ids_.begin() + 4);
  ids_.erase(ids_.begin(), ids_.begin() + 4);
  EXPECT_EQ(feed().Drop(first).size(), 4U);
  MeasureRecovery(row, Ticks(), clock_.Now());
  EXPECT_EQ(feed().Status().failed, 0U);
  row.spare = 1;  // until they are asked for again
  Judge(row, {});
}

TEST_F(FeedKeyFaults, AnUnknownKeyIsToldAndDisturbsNothing) {
  Begin({.rate = 100}, AnswersSoon(), 4);
  AwaitSteady();
  FaultRow row{.name = "UnknownKey", .detect_limit = 2};
  const InstrumentId unknown = ground_->listings.Add({.key = "NSE_EQ|NOSUCHKEY"});
  const Monotonic made = clock_.Now();
  ASSERT_TRUE(feed().Want({&unknown, 1}, Mode::kFull, false));
  ASSERT_TRUE(Eventually([&] { return feed().Status().failed == 1; }));
  row.detected = SecondsSince(made);
  EXPECT_TRUE(Is(ConnectionState::kLive)) << "the others tick";
  MeasureRecovery(row, Ticks(), clock_.Now());
  EXPECT_EQ(feed().Drop({&unknown, 1}).size(), 1U);
  EXPECT_EQ(feed().Status().failed, 0U);
  Judge(row, {});
}

}  // namespace
}  // namespace sauda::feed
