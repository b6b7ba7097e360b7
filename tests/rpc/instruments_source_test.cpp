#include <gtest/gtest.h>

#include "libs/http/client.hpp"
#include "libs/http/server.hpp"
#include "services/instruments/src/adapters/http_master_source.hpp"
#include "tests/support/instrument_fakes.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::instruments {
namespace {

constexpr auto kPath = "/market-quote/instruments/exchange/complete.json.gz";
constexpr std::int64_t kMarketMs = 1'766'000'000'000;

/// A file server of this machine and the source that reads from it.
class HttpMasterSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.Route("GET", kPath, [this](const http::Request& request, const http::Respond& respond) {
      user_agent_ = request.headers.Get("User-Agent");
      http::Response answer = http::Response::Text(status_, text_);
      for (const auto& [name, value] : headers_) answer.headers.Set(name, value);
      answer.drop = drop_ && request.method == "GET";
      respond(std::move(answer));
    });
    ASSERT_TRUE(server_.Start());
  }

  HttpMasterSource Source(bool simulated = false) {
    return HttpMasterSource{[this] {
                              return http::Client::Make(
                                  {.allowed = {"127.0.0.1:" + std::to_string(server_.port())}},
                                  clock_);
                            },
                            market_,
                            {.url = server_.url() + kPath, .simulated = simulated}};
  }
  std::string Read(HttpMasterSource& source) {
    read_.clear();
    const auto done = source.Read("", [this](const MasterChunk& chunk) -> Result<void> {
      seen_simulated_ = chunk.simulated;
      market_at_first_byte_ = market_.NowMs();
      read_ += chunk.bytes;
      return {};
    });
    return done ? "" : done.error().reason;
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kBroker};
  http::Server server_{{}};
  int status_ = 200;
  std::string text_ = Gzipped("[{}]");
  http::Headers headers_;
  bool drop_ = false;
  std::string user_agent_;
  std::string read_;
  bool seen_simulated_ = false;
  std::int64_t market_at_first_byte_ = 0;
};

TEST_F(HttpMasterSourceTest, InflatesWhatItDownloads) {
  text_ = Gzipped(std::string(3'000'000, 'x'));
  auto source = Source();
  EXPECT_EQ(Read(source), "");
  EXPECT_EQ(read_, std::string(3'000'000, 'x'));
  EXPECT_NE(user_agent_.find("Mozilla"), user_agent_.npos) << "else the broker's CDN says 403";
  EXPECT_FALSE(seen_simulated_);
}

TEST_F(HttpMasterSourceTest, TakesPlainTextToo) {
  text_ = "[]";
  auto source = Source();
  EXPECT_EQ(Read(source), "");
  EXPECT_EQ(read_, "[]");
}

TEST_F(HttpMasterSourceTest, KnowsTheMarketsTimeBeforeTheFirstByte) {
  headers_.Set("X-Sauda-Market-Time", std::to_string(kMarketMs));
  headers_.Set("X-Sauda-Market-Speed", "100");
  headers_.Set("X-Sauda-Simulated", "1");
  auto source = Source();
  EXPECT_EQ(Read(source), "");
  EXPECT_EQ(market_at_first_byte_, kMarketMs);
  EXPECT_TRUE(seen_simulated_);
  clock_.Advance(std::chrono::seconds{1});
  EXPECT_EQ(market_.NowMs(), kMarketMs + 100'000);
}

TEST_F(HttpMasterSourceTest, ProbeSetsTheClockByTheDateAlone) {
  headers_.Set("Date", "Mon, 15 Dec 2025 04:00:00 GMT");
  auto source = Source();
  ASSERT_TRUE(source.Probe());
  EXPECT_EQ(market_.NowMs(), 1'765'771'200'000);
}

TEST_F(HttpMasterSourceTest, RefusalsAndBreaksAreTheSourcesFault) {
  status_ = 403;
  auto forbidden = Source();
  EXPECT_EQ(Read(forbidden), "SOURCE_DOWN");
  status_ = 200;
  drop_ = true;
  auto dropped = Source();
  EXPECT_EQ(Read(dropped), "SOURCE_DOWN");
  server_.Stop();
  auto gone = Source();
  EXPECT_EQ(Read(gone), "SOURCE_DOWN");
  EXPECT_FALSE(gone.Probe());
}

TEST_F(HttpMasterSourceTest, DamageIsTheFilesFault) {
  text_ = Gzipped("[{}]");
  text_.pop_back();
  auto cut = Source();
  EXPECT_EQ(Read(cut), "MASTER_TRUNCATED");
}

TEST_F(HttpMasterSourceTest, HandsTheSinksFailureOnAndStops) {
  text_ = Gzipped(std::string(5'000'000, 'x'));
  auto source = Source();
  int calls = 0;
  const auto done = source.Read("", [&](const MasterChunk&) -> Result<void> {
    ++calls;
    return Error{Code::kUnavailable, "DATABASE_DOWN", "away"};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "DATABASE_DOWN");
  EXPECT_EQ(calls, 1);
}

TEST_F(HttpMasterSourceTest, WaitsForACertificateThatIsNotThereYet) {
  bool there = false;
  HttpMasterSource source{[&]() -> Result<std::unique_ptr<http::Client>> {
                            if (!there)
                              return Error{Code::kInvalidArgument, "TLS_INVALID", "no such file"};
                            return http::Client::Make(
                                {.allowed = {"127.0.0.1:" + std::to_string(server_.port())}},
                                clock_);
                          },
                          market_,
                          {.url = server_.url() + kPath}};
  EXPECT_EQ(source.Probe().error().reason, "SOURCE_DOWN");
  there = true;
  EXPECT_TRUE(source.Probe());
}

}  // namespace
}  // namespace sauda::instruments
