#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/core/expired.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/instrument_makers.hpp"
#include "tests/support/memory_instrument_store.hpp"

namespace sauda::instruments {
namespace {

constexpr std::int64_t kNow = 1'765'771'200'000;  // 2025-12-15 09:30 IST
constexpr std::int64_t kDay = 86'400'000;

/// Calls 1 to 5 that expired so many days ago and left, and one that left alive.
class ExpiredTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const bool gone : {false, true}) {
      auto transaction = std::move(*store_.Begin(*store_.StartRun(0, "test")));
      std::vector<std::int64_t> ids;
      for (int days = -1; days <= 5; ++days) {
        if (days == 0) continue;
        const Instrument call = Call(std::to_string(days), kNow - days * kDay);
        if (gone) {
          ids.push_back(store_.FindByKeys({call.key})->front().id);
        } else {
          ASSERT_TRUE(transaction->Insert(call, 1));
        }
      }
      const auto report = transaction->Apply(ids);
      ASSERT_TRUE(report);
      ASSERT_TRUE(transaction->Commit(*report));
    }
  }
  MemoryInstrumentStore store_;
};

TEST_F(ExpiredTest, PagesToTheEndNewestFirst) {
  ExpiredRequest request{.underlying = "NIFTY", .page_size = 2};
  std::string days;
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = ListExpired(store_, request, kNow);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& row : page->found) days += row.instrument.key.back();
    days += '/';
    request.page_token = page->next_page_token;
  }
  EXPECT_EQ(request.page_token, "");
  EXPECT_EQ(days, "12/34/5/");
}

struct ExpiredCase {
  std::string name;
  ExpiredRequest request;
  std::string reason;  // empty: it is answered
  std::size_t found = 0;
};
class ExpiredRulesTest : public ExpiredTest, public testing::WithParamInterface<ExpiredCase> {};

TEST_P(ExpiredRulesTest, GivesTheReasonOrTheRows) {
  const auto page = ListExpired(store_, GetParam().request, kNow);
  EXPECT_EQ(page ? "" : page.error().reason, GetParam().reason);
  EXPECT_EQ(page ? page->found.size() : 0, GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, ExpiredRulesTest,
    testing::Values(
        ExpiredCase{"BySymbol", {.underlying = "NIFTY"}, "", 5},
        ExpiredCase{"ByKey", {.underlying = "NSE_INDEX|Nifty 50"}, "", 5},
        ExpiredCase{"OfNothing", {.underlying = "SBIN"}, "", 0},
        ExpiredCase{"OfNoName", {}, "NO_INSTRUMENT_NAMED"},
        ExpiredCase{"OfADay", {.underlying = "NIFTY", .expiry = "2025-12-13"}, "", 1},
        ExpiredCase{"OfADayWithout", {.underlying = "NIFTY", .expiry = "2025-12-15"}, "", 0},
        ExpiredCase{"OfADayToCome", {.underlying = "NIFTY", .expiry = "2025-12-16"}, "", 0},
        ExpiredCase{"OfNoDay", {.underlying = "NIFTY", .expiry = "13-12-2025"}, "DATE_MALFORMED"},
        ExpiredCase{"Options", {.underlying = "NIFTY", .kind = Kind::kOption}, "", 5},
        ExpiredCase{"Futures", {.underlying = "NIFTY", .kind = Kind::kFuture}, "", 0},
        ExpiredCase{"Shares", {.underlying = "NIFTY", .kind = Kind::kEquity}, "KIND_UNKNOWN"},
        ExpiredCase{"OfASegment", {.underlying = "NIFTY", .segment = "NSE_FO"}, "", 5},
        ExpiredCase{"OfAnother", {.underlying = "NIFTY", .segment = "BSE_FO"}, "", 0},
        ExpiredCase{"OfNoSegment", {.underlying = "NIFTY", .segment = "NSE"}, "SEGMENT_UNKNOWN"},
        ExpiredCase{"LargestPage", {.underlying = "NIFTY", .page_size = 5'000}, "", 5},
        ExpiredCase{
            "PageTooLarge", {.underlying = "NIFTY", .page_size = 5'001}, "PAGE_SIZE_INVALID"},
        ExpiredCase{"OddToken", {.underlying = "NIFTY", .page_token = "2"}, "PAGE_TOKEN_INVALID"}),
    CaseName{});

TEST_F(ExpiredTest, PageTokenBelongsToItsRequest) {
  const auto page = ListExpired(store_, {.underlying = "NIFTY", .page_size = 2}, kNow);
  ASSERT_TRUE(page);
  for (ExpiredRequest other : {ExpiredRequest{.underlying = "SBIN"},
                               ExpiredRequest{.underlying = "NIFTY", .kind = Kind::kOption},
                               ExpiredRequest{.underlying = "NIFTY", .segment = "NSE_FO"},
                               ExpiredRequest{.underlying = "NIFTY", .expiry = "2025-12-13"}}) {
    other.page_token = page->next_page_token;
    const auto refused = ListExpired(store_, other, kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "PAGE_TOKEN_INVALID");
  }
}

}  // namespace
}  // namespace sauda::instruments
