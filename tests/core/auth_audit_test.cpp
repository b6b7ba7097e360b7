#include <gtest/gtest.h>

#include "services/auth/src/core/act_log.hpp"
#include "services/auth/src/core/audit.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/memory_keys.hpp"

namespace sauda::auth {
namespace {

using Rows = std::vector<AuditRow>;
using Head = std::optional<AuditHead>;

Act ActOf(int number) {
  return {.at_ms = 1'000 + number,
          .actor = "local",
          .action = "key.created",
          .subject = "subject" + std::to_string(number),
          .detail = R"({"n":"1"})"};
}

void Fill(MemoryAuditStore& store, int rows) {
  for (int i = 1; i <= rows; ++i) ASSERT_TRUE(store.Append(ActOf(i)));
}

// The bytes are spelt out once, so that a change of the encoding cannot go unseen: it would break
// every chain there is.
TEST(AuditHashTest, IsOverTheseBytes) {
  AuditRow row{.seq = 1,
               .act = {.at_ms = 2, .actor = "a", .action = "b", .subject = "", .detail = "{}"},
               .previous = {},
               .hash = {}};
  const auto number = [](char last) { return std::string(7, '\0') + last; };
  std::string bytes = number(13) + "sauda.audit.1" + number(1) + number(2);
  bytes += number(1) + "a" + number(1) + "b" + number(0) + number(2) + "{}";
  bytes += number(32) + std::string(32, '\0');
  EXPECT_EQ(HashOf(row), keys::Sha256(bytes));
}

TEST(AuditHashTest, DiffersWhereverTextMovesBetweenFields) {
  AuditRow one{.seq = 1, .act = {.actor = "ab", .action = "c", .subject = ""}};
  AuditRow other{.seq = 1, .act = {.actor = "a", .action = "bc", .subject = ""}};
  EXPECT_NE(HashOf(one), HashOf(other));
  other = one;
  other.act.subject = std::string(1, '\0');
  EXPECT_NE(HashOf(one), HashOf(other));
}

TEST(DetailOfTest, IsAJsonObjectWhateverIsInIt) {
  EXPECT_EQ(DetailOf({}), "{}");
  EXPECT_EQ(DetailOf({{"a", "x"}, {"b", "\"\\\n"}}), R"({"a":"x","b":"\"\\\u000a"})");
}

TEST(VerifyAuditTest, AnEmptyAuditIsIntact) {
  MemoryAuditStore store;
  const auto verdict = VerifyAudit(store, {});
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->broken);
  EXPECT_EQ(verdict->rows, 0);
  EXPECT_EQ(verdict->head, AuditHead{});
}

TEST(VerifyAuditTest, GoesThroughManyRows) {
  MemoryAuditStore store;
  Fill(store, 2'500);
  const auto verdict = VerifyAudit(store, {});
  EXPECT_FALSE(verdict->broken);
  EXPECT_EQ(verdict->rows, 2'500);
  EXPECT_EQ(verdict->head, store.FindEnd()->head);
}

TEST(VerifyAuditTest, FailsAsTheStoreDoes) {
  MemoryAuditStore store;
  store.SetDown(true);
  EXPECT_EQ(VerifyAudit(store, {}).error().reason, "DATABASE_DOWN");
}

/// Makes the chain anew from a row on, as somebody would who knows how.
void Rechain(Rows& rows, Head& head, std::size_t from) {
  for (std::size_t i = from; i < rows.size(); ++i) {
    const AuditHead before =
        i == 0 ? AuditHead{} : AuditHead{.seq = rows[i - 1].seq, .hash = rows[i - 1].hash};
    rows[i] = NextRow(before, rows[i].act);
  }
  head = AuditHead{.seq = rows.back().seq, .hash = rows.back().hash};
}

struct Case {
  std::string name;
  void (*deed)(Rows&, Head&);
  std::int64_t seq;
  std::string reason;     // empty: intact
  bool expected = false;  // whether the head that was noted before is given
};
class TamperedAuditTest : public testing::TestWithParam<Case> {};

TEST_P(TamperedAuditTest, IsFoundAtItsFirstBreak) {
  MemoryAuditStore store;
  Fill(store, 10);
  const auto before = store.FindEnd()->head;
  store.Tamper(GetParam().deed);
  const auto verdict = VerifyAudit(store, GetParam().expected ? before : Head{});
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->broken ? verdict->broken->reason : "", GetParam().reason);
  EXPECT_EQ(verdict->broken ? verdict->broken->seq : 0, GetParam().seq);
  const std::int64_t right =
      GetParam().reason == "HEAD_WRONG" ? GetParam().seq : GetParam().seq - 1;
  if (verdict->broken) {
    EXPECT_EQ(verdict->rows, right);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Deeds, TamperedAuditTest,
    testing::Values(
        Case{"Nothing", [](Rows&, Head&) {}, 0, "", true},
        Case{"ActorOfARow", [](Rows& rows, Head&) { rows[4].act.actor = "x"; }, 5, "ROW_CHANGED"},
        Case{"ActionOfARow", [](Rows& rows, Head&) { rows[4].act.action = "x"; }, 5, "ROW_CHANGED"},
        Case{"SubjectOfARow", [](Rows& rows, Head&) { rows[4].act.subject = ""; }, 5,
             "ROW_CHANGED"},
        Case{"DetailOfARow", [](Rows& rows, Head&) { rows[4].act.detail = "{ }"; }, 5,
             "ROW_CHANGED"},
        Case{"TimeOfARow", [](Rows& rows, Head&) { ++rows[4].act.at_ms; }, 5, "ROW_CHANGED"},
        Case{"FirstRow", [](Rows& rows, Head&) { rows[0].act.actor = "x"; }, 1, "ROW_CHANGED"},
        Case{"LastRow", [](Rows& rows, Head&) { rows[9].act.actor = "x"; }, 10, "ROW_CHANGED"},
        Case{"ARowWithItsHash",
             [](Rows& rows, Head&) {
               rows[4].act.actor = "x";
               rows[4].hash = HashOf(rows[4]);
             },
             6, "LINK_BROKEN"},
        Case{"ARowTakenOut", [](Rows& rows, Head&) { rows.erase(rows.begin() + 4); }, 5,
             "ROW_MISSING"},
        Case{"TheFirstRowTakenOut", [](Rows& rows, Head&) { rows.erase(rows.begin()); }, 1,
             "ROW_MISSING"},
        Case{"ARowTakenOutAndTheRestRenumbered",
             [](Rows& rows, Head&) {
               rows.erase(rows.begin() + 4);
               for (std::size_t i = 4; i < rows.size(); ++i) --rows[i].seq;
             },
             5, "LINK_BROKEN"},
        Case{"TwoRowsExchanged", [](Rows& rows, Head&) { std::swap(rows[4].act, rows[5].act); }, 5,
             "ROW_CHANGED"},
        Case{"TheTailCutOff", [](Rows& rows, Head&) { rows.resize(7); }, 8, "TAIL_MISSING"},
        Case{"EveryRowGone", [](Rows& rows, Head&) { rows.clear(); }, 1, "TAIL_MISSING"},
        Case{"TheHeadGone", [](Rows&, Head& head) { head.reset(); }, 11, "HEAD_MISSING"},
        Case{"TheHeadSetBack",
             [](Rows& rows, Head& head) { head = {.seq = 7, .hash = rows[6].hash}; }, 10,
             "HEAD_WRONG"},
        Case{"TheHeadsHash", [](Rows& rows, Head& head) { head->hash = rows[0].hash; }, 10,
             "HEAD_WRONG"},
        Case{"AllMadeAnewUnnoticed",
             [](Rows& rows, Head& head) {
               rows[4].act.actor = "x";
               Rechain(rows, head, 4);
             },
             0, ""},
        Case{"AllMadeAnewWithANotedHead",
             [](Rows& rows, Head& head) {
               rows[4].act.actor = "x";
               Rechain(rows, head, 4);
             },
             10, "NOT_AS_EXPECTED", true},
        Case{"TailAndHeadCutOffWithANotedHead",
             [](Rows& rows, Head& head) {
               rows.resize(7);
               Rechain(rows, head, 0);
             },
             8, "NOT_AS_EXPECTED", true}),
    CaseName{});

TEST(VerifyAuditTest, WhatFollowedANotedHeadIsFine) {
  MemoryAuditStore store;
  Fill(store, 3);
  const auto noted = store.FindEnd()->head;
  Fill(store, 3);
  EXPECT_FALSE(VerifyAudit(store, noted)->broken);
}

TEST(ActLogTest, KeepsActsInOrderUntilTheAuditIsBack) {
  MemoryAuditStore store;
  ActLog log{store};
  store.SetDown(true);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(log.Note(ActOf(i)));
  EXPECT_EQ(log.Flush().error().reason, "DATABASE_DOWN");
  EXPECT_EQ(log.waiting(), 3U);
  store.SetDown(false);
  ASSERT_TRUE(log.Flush());
  EXPECT_EQ(log.waiting(), 0U);
  const auto rows = store.ReadUp(0, 10);
  ASSERT_EQ(rows->size(), 3U);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ((*rows)[static_cast<std::size_t>(i - 1)].act, ActOf(i));
}

TEST(ActLogTest, CountsWhatFindsNoRoom) {
  MemoryAuditStore store;
  ActLog log{store};
  for (std::size_t i = 0; i < ActLog::kMostWaiting; ++i) EXPECT_TRUE(log.Note(ActOf(1)));
  EXPECT_FALSE(log.Note(ActOf(2)));
  EXPECT_EQ(log.lost(), 1U);
  EXPECT_EQ(log.waiting(), ActLog::kMostWaiting);
}

}  // namespace
}  // namespace sauda::auth
