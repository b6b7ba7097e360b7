#include <gtest/gtest.h>

#include "libs/calendar/ist.hpp"
#include "services/auth/src/core/token.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::auth {
namespace {

struct ClaimCase {
  std::string name;
  std::string token;
  std::optional<std::int64_t> expires_ms;
};
class ExpiryInsideTest : public testing::TestWithParam<ClaimCase> {};

TEST_P(ExpiryInsideTest, IsReadOrAbsent) {
  EXPECT_EQ(ExpiryInside(GetParam().token), GetParam().expires_ms);
}
INSTANTIATE_TEST_SUITE_P(
    Tokens, ExpiryInsideTest,
    testing::Values(
        // {"sub":"4ABC","exp":1765836000}
        ClaimCase{"Plain", "e30.eyJzdWIiOiI0QUJDIiwiZXhwIjoxNzY1ODM2MDAwfQ.s", 1'765'836'000'000},
        // {"exp" : 1765836000 }
        ClaimCase{"Spaced", "e30.eyJleHAiIDogMTc2NTgzNjAwMCB9.s", 1'765'836'000'000},
        ClaimCase{"Padded", "e30.eyJleHAiOjE3NjU4MzYwMDB9==.s", 1'765'836'000'000},
        // {"exp":"soon"}
        ClaimCase{"Text", "e30.eyJleHAiOiJzb29uIn0.s", {}},
        // {"exp":-1}
        ClaimCase{"Negative", "e30.eyJleHAiOi0xfQ.s", {}},
        // {"exp":99999999999999999999}
        ClaimCase{"TooLarge", "e30.eyJleHAiOjk5OTk5OTk5OTk5OTk5OTk5OTk5fQ.s", {}},
        // {"exp":
        ClaimCase{"CutOff", "e30.eyJleHAiOg.s", {}}, ClaimCase{"None", "e30.e30.s", {}},
        ClaimCase{"NotBase64", "e30.{}.s", {}},
        ClaimCase{"OneDot", "e30.eyJleHAiOjE3NjU4MzYwMDB9", {}}, ClaimCase{"Opaque", "f3b1c2", {}},
        ClaimCase{"Empty", "", {}}),
    CaseName{});

TEST(ExpiryOfTest, FallsBackToTheBrokersRules) {
  const auto now_ms = calendar::ParseIst("2025-12-15 09:30:00").value();
  EXPECT_EQ(calendar::FormatIst(ExpiryOf(Secret{"opaque"}, TokenKind::kAccess, now_ms)),
            "2025-12-16 03:30:00");
  EXPECT_EQ(calendar::FormatIst(ExpiryOf(Secret{"opaque"}, TokenKind::kAnalytics, now_ms)),
            "2026-12-15 09:30:00");
  EXPECT_EQ(ExpiryOf(Secret{"e30.eyJleHAiOjE3NjU4MzYwMDB9.s"}, TokenKind::kAnalytics, now_ms),
            1'765'836'000'000);
}

struct FormCase {
  std::string name;
  std::string token;
  bool well_formed;
};
class IsWellFormedTest : public testing::TestWithParam<FormCase> {};

TEST_P(IsWellFormedTest, TellsTokensFromOtherText) {
  EXPECT_EQ(IsWellFormed(Secret{GetParam().token}), GetParam().well_formed);
}
INSTANTIATE_TEST_SUITE_P(Texts, IsWellFormedTest,
                         testing::Values(FormCase{"Jwt", "eyJ0.eyJz_-.c2ln", true},
                                         FormCase{"Longest", std::string(8'192, 'a'), true},
                                         FormCase{"TooLong", std::string(8'193, 'a'), false},
                                         FormCase{"Empty", "", false},
                                         FormCase{"Space", "a b", false},
                                         FormCase{"Newline", "a\n", false},
                                         FormCase{"Quote", "\"a\"", false},
                                         FormCase{"HeaderInjection", "a\r\nX: y", false},
                                         FormCase{"NonAscii", "\xc3\xa9", false}),
                         CaseName{});

}  // namespace
}  // namespace sauda::auth
