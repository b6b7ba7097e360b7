#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/instruments/src/core/csv_splitter.hpp"
#include "services/instruments/src/core/record_splitter.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::instruments {
namespace {

constexpr std::size_t kMost = 20;

using Records = std::vector<std::string>;

/// Feeds `text` in pieces of `piece` bytes; gives the records, or the reason in one.
Records Split(const std::string& text, std::size_t piece,
              RecordSplitter::Shape shape = RecordSplitter::Shape::kArray) {
  Records records;
  RecordSplitter splitter{shape, kMost,
                          [&](std::string_view record, bool oversized) -> Result<void> {
                            records.push_back((oversized ? "BIG " : "") + std::string{record});
                            return {};
                          }};
  Result<void> fed;
  for (std::size_t i = 0; fed && i < text.size(); i += piece) {
    fed = splitter.Feed(std::string_view{text}.substr(i, piece));
  }
  if (fed) fed = splitter.Finish();
  if (!fed) records.push_back(fed.error().reason);
  return records;
}

struct SplitCase {
  std::string name;
  std::string text;
  Records records;
};
class RecordSplitterTest : public testing::TestWithParam<SplitCase> {};

TEST_P(RecordSplitterTest, GivesTheSameWhateverThePieces) {
  for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
    EXPECT_EQ(Split(GetParam().text, piece), GetParam().records) << "pieces of " << piece;
  }
}

const std::string kTruncated = "MASTER_TRUNCATED";
const std::string kMalformed = "MASTER_MALFORMED";

INSTANTIATE_TEST_SUITE_P(
    Texts, RecordSplitterTest,
    testing::Values(SplitCase{"Nothing", "", {kTruncated}},
                    SplitCase{"OnlySpace", " \n", {kTruncated}},
                    SplitCase{"EmptyArray", " [ ] \n", {}}, SplitCase{"One", "[{}]", {"{}"}},
                    SplitCase{"TwoWithSpace", "[ {\"a\":1} ,\n{} ]\n", {"{\"a\":1}", "{}"}},
                    SplitCase{"CommaInString", R"([{"a":"},]["},1])", {R"({"a":"},]["})", "1"}},
                    SplitCase{"EscapedQuote", R"([{"a":"\"]"},{}])", {R"({"a":"\"]"})", "{}"}},
                    SplitCase{"EscapedBackslash", R"([{"a":"\\"},{}])", {R"({"a":"\\"})", "{}"}},
                    SplitCase{"Nested", R"([{"a":[{},[]]},[]])", {R"({"a":[{},[]]})", "[]"}},
                    SplitCase{"Scalars", "[1, \"x,y\" ,true]", {"1", "\"x,y\"", "true"}},
                    SplitCase{"JustFits", "[\"345678901234567890\"]", {"\"345678901234567890\""}},
                    SplitCase{"OneTooLong",
                              "[\"3456789012345678901\",{}]",
                              {"BIG \"3456789012345678901", "{}"}},
                    SplitCase{"CutInRecord", R"([{},{"a":)", {"{}", kTruncated}},
                    SplitCase{"CutInString", R"([{},{"a":"b)", {"{}", kTruncated}},
                    SplitCase{"CutAfterRecord", "[{},{}", {"{}", kTruncated}},
                    SplitCase{"CutAfterComma", "[{},", {"{}", kTruncated}},
                    SplitCase{"CutAfterBracket", "[", {kTruncated}},
                    SplitCase{"NotAnArray", R"({"data":[]})", {kMalformed}},
                    SplitCase{"Html", "<html>", {kMalformed}},
                    SplitCase{"TextBehind", "[{}] x", {"{}", kMalformed}},
                    SplitCase{"TwoArrays", "[{}][{}]", {"{}", kMalformed}},
                    SplitCase{"CommaFirst", "[,{}]", {kMalformed}},
                    SplitCase{"TwoCommas", "[{},,{}]", {"{}", kMalformed}},
                    SplitCase{"CommaLast", "[{},]", {"{}", kMalformed}},
                    SplitCase{"CrossedBrackets", R"([{"a":[}]])", {kMalformed}},
                    SplitCase{"StrayBrace", "[1}]", {kMalformed}}),
    CaseName{});

TEST(RecordSplitterDepthTest, StopsAtSixtyFourLevels) {
  const auto nested = [](std::size_t depth) {
    return "[" + std::string(depth, '[') + std::string(depth, ']') + "]";
  };
  EXPECT_EQ(Split(nested(63), 1000).size(), 1U);
  EXPECT_EQ(Split(nested(64), 1000), Records{kMalformed});
}

TEST(RecordSplitterSinkTest, HandsTheSinksFailureOn) {
  RecordSplitter splitter{RecordSplitter::Shape::kArray, kMost,
                          [](std::string_view, bool) -> Result<void> {
                            return Error{Code::kUnavailable, "DATABASE_DOWN", "away"};
                          }};
  const auto fed = splitter.Feed("[{},{}]");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().reason, "DATABASE_DOWN");
}

class LinesSplitterTest : public testing::TestWithParam<SplitCase> {};

TEST_P(LinesSplitterTest, GivesTheSameWhateverThePieces) {
  for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
    EXPECT_EQ(Split(GetParam().text, piece, RecordSplitter::Shape::kLines), GetParam().records)
        << "pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, LinesSplitterTest,
    testing::Values(
        SplitCase{"Nothing", "", {}}, SplitCase{"One", "{}", {"{}"}},
        SplitCase{"Two", "{\"a\":1}\n{}\n", {"{\"a\":1}", "{}"}},
        SplitCase{"OnOneLine", "{}{\"a\":[{}]} {}", {"{}", "{\"a\":[{}]}", "{}"}},
        SplitCase{"BraceInString",
                  R"({"a":"}{"}
{})",
                  {R"({"a":"}{"})", "{}"}},
        SplitCase{"TooLong", "{\"345678901234567890\":1}\n{}", {"BIG {\"345678901234567890", "{}"}},
        SplitCase{"CutInRecord", "{}\n{\"a\":", {"{}", kTruncated}},
        SplitCase{"Comma", "{},{}", {"{}", kMalformed}},
        SplitCase{"NoObject", "{}\n1", {"{}", kMalformed}},
        SplitCase{"Unbalanced", "{]}", {kMalformed}}),
    CaseName{});

/// Rows as "a|b"; the reason in one when it fails.
Records Rows(const std::string& text, std::size_t piece) {
  Records rows;
  CsvSplitter splitter{kMost, [&](std::vector<std::string>& fields, bool oversized) {
                         std::string row;
                         for (const auto& field : fields) row += (row.empty() ? "" : "|") + field;
                         rows.push_back(oversized ? "BIG" : row);
                         return Result<void>{};
                       }};
  Result<void> fed;
  for (std::size_t i = 0; fed && i < text.size(); i += piece) {
    fed = splitter.Feed(std::string_view{text}.substr(i, piece));
  }
  if (fed) fed = splitter.Finish();
  if (!fed) rows.push_back(fed.error().reason);
  return rows;
}

class CsvSplitterTest : public testing::TestWithParam<SplitCase> {};

TEST_P(CsvSplitterTest, GivesTheSameWhateverThePieces) {
  for (const std::size_t piece : {1UL, 2UL, 1000UL}) {
    EXPECT_EQ(Rows(GetParam().text, piece), GetParam().records) << "pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, CsvSplitterTest,
    testing::Values(SplitCase{"Nothing", "", {}}, SplitCase{"Plain", "a,b\nc,d\n", {"a|b", "c|d"}},
                    SplitCase{"NoLastBreak", "a,b\nc,d", {"a|b", "c|d"}},
                    SplitCase{"Windows", "\"a\",b\r\n\"c\",d\r\n", {"a|b", "c|d"}},
                    SplitCase{"BlankLines", "a,b\n\n\nc,d\n", {"a|b", "c|d"}},
                    SplitCase{"CommaQuoted", "\"a,b\",c\n", {"a,b|c"}},
                    SplitCase{"QuoteDoubled", "\"a\"\"b\",c\n", {"a\"b|c"}},
                    SplitCase{"BreakQuoted", "\"a\nb\",c\n", {"a\nb|c"}},
                    SplitCase{"EmptyQuoted", "x,\"\"\n", {"x|"}},
                    SplitCase{
                        "TooLong", "a,b\n123456789012345678901,x\nc,d\n", {"a|b", "BIG", "c|d"}},
                    SplitCase{"CutInQuotes", "a,b\n\"c", {"a|b", kTruncated}},
                    SplitCase{"CutInRow", "a,b\nc", {"a|b", kTruncated}},
                    SplitCase{"QuoteInside", "a\"b,c\n", {kMalformed}},
                    SplitCase{"TextAfterQuote", "\"a\"b,c\n", {kMalformed}}),
    CaseName{});

}  // namespace
}  // namespace sauda::instruments
