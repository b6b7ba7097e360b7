#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/src/exit_code.hpp"
#include "cli/src/program.hpp"
#include "libs/rpc/server.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/fake_portfolio.hpp"

namespace sauda::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
namespace pb = orders::v1alpha1;

class CliPortfolioTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&portfolio_})); }
  void TearDown() override { server_.Stop(); }

  int Run(std::vector<std::string> words) {
    words.push_back("--orders-address");
    words.push_back("127.0.0.1:" + std::to_string(server_.port()));
    out_.str("");
    err_.str("");
    return cli::Run(
        words,
        {.in = in_,
         .out = out_,
         .err = err_,
         .environment = [](const std::string&) -> std::optional<std::string> { return {}; },
         .read_hidden = [](const std::string&) -> std::optional<std::string> { return {}; }});
  }

  FakePortfolio portfolio_;
  rpc::Server server_;
  std::istringstream in_;
  std::ostringstream out_, err_;
};

TEST_F(CliPortfolioTest, TradesAreShownAndMarked) {
  EXPECT_EQ(Run({"trades", "--order", "c1", "--from", "2025-12-01", "--limit", "5"}), kOk);
  EXPECT_EQ(portfolio_.listed.client_order_id(), "c1");
  EXPECT_EQ(portfolio_.listed.from_date(), "2025-12-01");
  EXPECT_EQ(portfolio_.listed.page_size(), 5);
  EXPECT_THAT(out_.str(), HasSubstr("NIFTY FUT"));
  EXPECT_THAT(out_.str(), HasSubstr("sell"));
  EXPECT_THAT(out_.str(), HasSubstr("26000.05"));
  EXPECT_THAT(out_.str(), HasSubstr("SIMULATED"));
  EXPECT_THAT(err_.str(), HasSubstr("2025-12-15:7"));
}

TEST_F(CliPortfolioTest, PositionsHoldingsAndProfitAreShownAndMarked) {
  EXPECT_EQ(Run({"positions"}), kOk);
  EXPECT_THAT(out_.str(), HasSubstr("-75"));
  EXPECT_THAT(out_.str(), HasSubstr("intraday"));
  EXPECT_THAT(out_.str(), HasSubstr("SIMULATED"));
  EXPECT_EQ(Run({"holdings"}), kOk);
  EXPECT_THAT(out_.str(), HasSubstr("NIFTY FUT"));
  EXPECT_THAT(out_.str(), HasSubstr("SIMULATED"));
  EXPECT_EQ(Run({"profit"}), kOk);
  EXPECT_THAT(out_.str(), HasSubstr("realised    100.5"));
  EXPECT_THAT(out_.str(), HasSubstr("net         -"));
  EXPECT_THAT(out_.str(), HasSubstr("without a live price: NSE_FO|53001"));
  EXPECT_THAT(out_.str(), HasSubstr("charges are not known of 1 trades"));
  EXPECT_THAT(out_.str(), HasSubstr("SIMULATED"));
}

TEST_F(CliPortfolioTest, AReportIsAskedForByYearAndSection) {
  EXPECT_EQ(Run({"pnl", "--year", "2526", "--segment", "fo", "--to", "2026-01-31"}), kOk);
  EXPECT_EQ(portfolio_.reported.financial_year(), "2526");
  EXPECT_EQ(portfolio_.reported.segment(), pb::PNL_SEGMENT_DERIVATIVES);
  EXPECT_EQ(portfolio_.reported.to_date(), "2026-01-31");
  EXPECT_THAT(out_.str(), HasSubstr("-40"));
  EXPECT_THAT(out_.str(), HasSubstr("net -63.25  SIMULATED"));
}

TEST_F(CliPortfolioTest, AnswersAreJsonWhenAskedFor) {
  EXPECT_EQ(Run({"--json", "positions"}), kOk);
  EXPECT_EQ(json::parse(out_.str())["positions"][0]["simulated"], true);
  EXPECT_EQ(Run({"--json", "pnl"}), kOk);
  EXPECT_EQ(json::parse(out_.str())["net"], "-63.25");
}

TEST_F(CliPortfolioTest, WhatIsNotThereYetIsUnavailable) {
  EXPECT_EQ(Run({"profit", "--account", "main"}), kUnavailable);
  EXPECT_THAT(err_.str(), HasSubstr("PORTFOLIO_NOT_READY"));
}

TEST_F(CliPortfolioTest, WrongWordsAskNobody) {
  EXPECT_EQ(Run({"pnl", "--segment", "shares"}), kUsage);
  EXPECT_EQ(Run({"trades", "--limit", "0"}), kUsage);
  EXPECT_EQ(Run({"trades", "--limit", "1001"}), kUsage);
  EXPECT_EQ(portfolio_.listed.page_size(), 0);
}

}  // namespace
}  // namespace sauda::cli
