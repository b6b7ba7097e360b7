#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/core/master_diff.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::instruments {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kNow = 1'765'771'200'000;
using Kind = Verdict::Kind;

Instrument Call(std::int64_t expiry_ms) {
  Instrument call;
  call.key = "NSE_FO|48704";
  call.segment = *FindSegment("NSE_FO");
  call.type = "CE";
  call.kind = sauda::instruments::Kind::kOption;
  call.strike = Decimal::FromUnits(22'200);
  call.expiry_ms = expiry_ms;
  return call;
}

struct Case {
  std::string name;
  std::int64_t known_expiry_ms;
  bool listed;
  std::int64_t expiry_ms;
  Kind verdict;
};
class VerdictTest : public testing::TestWithParam<Case> {};

TEST_P(VerdictTest, TellsWhatTheRecordIs) {
  const Case& row = GetParam();
  const Instrument known = Call(row.known_expiry_ms);
  MasterDiff diff{kNow};
  diff.Add({.identity = IdentityHash(known),
            .digest = Digest(known),
            .id = 7,
            .expiry_ms = known.expiry_ms,
            .segment = known.segment,
            .listed = row.listed});
  diff.Seal(false);
  const Instrument record = Call(row.expiry_ms);
  EXPECT_EQ(diff.Classify(record, Digest(record)).kind, row.verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Expiries, VerdictTest,
    testing::Values(Case{"Same", kNow + kDay, true, kNow + kDay, Kind::kUnchanged},
                    Case{"SameButNotListed", kNow + kDay, false, kNow + kDay, Kind::kReactivated},
                    Case{"ExpiredAndSame", kNow - kDay, true, kNow - kDay, Kind::kUnchanged},
                    Case{"MovedByAWeek", kNow + kDay, true, kNow + 8 * kDay, Kind::kChanged},
                    Case{"MovedByMore", kNow + kDay, true, kNow + 8 * kDay + 1, Kind::kNew},
                    Case{"MovedAndNotListed", kNow + kDay, false, kNow + 2 * kDay, Kind::kNew},
                    Case{"TokenAgainAfterExpiry", kNow, true, kNow + kDay, Kind::kNew},
                    Case{"AliveToTheLastMillisecond", kNow + 1, true, kNow + kDay, Kind::kChanged},
                    Case{"NewButExpired", kNow + kDay, true, kNow, Kind::kPast}),
    CaseName{});

TEST(MasterDiffTest, WhateverComesToAnEmptyStoreIsNew) {
  MasterDiff diff{kNow};
  diff.Seal(true);
  EXPECT_EQ(diff.Classify(Call(kNow - 1), 7).kind, Kind::kNew);
  EXPECT_EQ(diff.Classify(Call(kNow + 1), 7).kind, Kind::kNew);
}

TEST(MasterDiffTest, SeesAChangedField) {
  Instrument call = Call(kNow + kDay);
  MasterDiff diff{kNow};
  diff.Add({IdentityHash(call), Digest(call), 7, call.expiry_ms, call.segment, true});
  diff.Seal(false);
  call.lot_size = 75;
  const auto verdict = diff.Classify(call, Digest(call));
  EXPECT_EQ(verdict.kind, Kind::kChanged);
  EXPECT_EQ(verdict.id, 7);
}

TEST(MasterDiffTest, ExcusesLivingRowsOfUnusableRecords) {
  MasterDiff diff{kNow};
  std::int64_t id = 0;
  for (const std::int64_t expiry_ms : {kNow + kDay, kNow + kDay, kNow - kDay}) {
    Instrument call = Call(expiry_ms);
    call.key += std::to_string(++id);
    diff.Add({IdentityHash(call), Digest(call), id, expiry_ms, call.segment, true});
  }
  diff.Seal(false);
  const auto excused = diff.Excuse({1, 3, 99});
  EXPECT_EQ(excused, std::vector<std::int64_t>{1});
  auto gone = diff.Gone();
  std::sort(gone.begin(), gone.end());
  EXPECT_EQ(gone, (std::vector<std::int64_t>{2, 3})) << "what has expired may go";
}

struct GoneCase {
  std::string name;
  int alive;
  int gone;
  int expired_gone;
  std::string reason;
};
class GoneTest : public testing::TestWithParam<GoneCase> {};

TEST_P(GoneTest, RefusesMoreThanAFifthOfASegment) {
  const auto& [name, alive, gone, expired_gone, reason] = GetParam();
  MasterDiff diff{kNow};
  std::int64_t id = 0;
  const auto add = [&](std::int64_t expiry_ms, bool seen) {
    Instrument call = Call(expiry_ms);
    call.key += std::to_string(++id);
    diff.Add({IdentityHash(call), Digest(call), id, expiry_ms, call.segment, true});
    return seen ? std::optional{call} : std::nullopt;
  };
  std::vector<Instrument> file;
  for (int i = 0; i < alive; ++i) {
    if (const auto call = add(kNow + kDay, i >= gone)) file.push_back(*call);
  }
  for (int i = 0; i < expired_gone; ++i) (void)add(kNow - kDay, false);
  diff.Seal(false);
  for (const auto& call : file) (void)diff.Classify(call, Digest(call));
  const auto checked = diff.CheckGone(20);
  EXPECT_EQ(checked ? "" : checked.error().reason, reason);
  EXPECT_EQ(diff.Gone().size(), static_cast<std::size_t>(gone + expired_gone));
}

INSTANTIATE_TEST_SUITE_P(Shares, GoneTest,
                         testing::Values(GoneCase{"None", 10, 0, 0, ""},
                                         GoneCase{"AFifth", 10, 2, 0, ""},
                                         GoneCase{"More", 10, 3, 0, "TOO_MANY_DEACTIVATIONS"},
                                         GoneCase{"ExpiredOnesDoNotCount", 10, 2, 50, ""},
                                         GoneCase{"OnlyExpired", 0, 0, 5, ""}),
                         CaseName{});

}  // namespace
}  // namespace sauda::instruments
