#include <map>
#include <optional>
#include <string>
#include <vector>

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
                            {.choices = {{server_.url() + kPath}}, .simulated = simulated}};
  }
  std::string Read(HttpMasterSource& source) {
    read_.clear();
    const auto done = source.Read({}, [this](const MasterChunk& chunk) -> Result<void> {
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
  const auto done = source.Read({}, [&](const MasterChunk&) -> Result<void> {
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
                          {.choices = {{server_.url() + kPath}}}};
  EXPECT_EQ(source.Probe().error().reason, "SOURCE_DOWN");
  there = true;
  EXPECT_TRUE(source.Probe());
}

/// Several files on one server, and a source of the choices asked for.
class MasterChoicesTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string name : {"/whole", "/nse", "/bse"}) {
      server_.Route("GET", name,
                    [this, name](const http::Request& request, const http::Respond& respond) {
                      asked_ += request.method == "GET" ? name : "";
                      http::Response answer = http::Response::Text(status_[name], text_[name]);
                      if (!etag_[name].empty()) answer.headers.Set("ETag", etag_[name]);
                      respond(std::move(answer));
                    });
      status_[name] = 200;
      text_[name] = Gzipped("[\"" + name + "\"]");
    }
    ASSERT_TRUE(server_.Start());
    source_.emplace(
        [this] {
          return http::Client::Make({.allowed = {"127.0.0.1:" + std::to_string(server_.port())}},
                                    clock_);
        },
        market_,
        HttpMasterSource::Options{.choices = {{server_.url() + "/whole"},
                                              {server_.url() + "/nse", server_.url() + "/bse"}}});
  }

  Result<MasterOrigin> Read(const std::string& kept_tag = "") {
    asked_.clear();
    read_.clear();
    shares_.clear();
    return source_->Read({.kept_tag = kept_tag}, [this](const MasterChunk& chunk) -> Result<void> {
      read_ += (chunk.begins_file && !read_.empty() ? " | " : "") + std::string{chunk.bytes};
      shares_.push_back(chunk.share_read);
      return {};
    });
  }

  ManualClock clock_;
  MarketClock market_{clock_, MarketClock::Source::kWall};
  http::Server server_{{}};
  std::map<std::string, int> status_;
  std::map<std::string, std::string> text_;
  std::map<std::string, std::string> etag_;
  std::optional<HttpMasterSource> source_;
  std::string asked_;
  std::string read_;
  std::vector<double> shares_;
};

TEST_F(MasterChoicesTest, ListsComeFromAddressesOfTheirOwn) {
  EXPECT_FALSE(source_->has_lists());
  const auto connect = [this] {
    return http::Client::Make({.allowed = {"127.0.0.1:" + std::to_string(server_.port())}}, clock_);
  };
  HttpMasterSource source{connect,
                          market_,
                          {.choices = {{server_.url() + "/whole"}},
                           .lists = {server_.url() + "/nse", server_.url() + "/bse",
                                     server_.url() + "/none", server_.url() + "/whole"},
                           .list_max_bytes = 100}};
  EXPECT_TRUE(source.has_lists());
  const auto read = [&](ListKind list, const std::string& kept_tag) {
    read_.clear();
    return source.ReadList(list, kept_tag, [this](const MasterChunk& chunk) -> Result<void> {
      read_ += chunk.bytes;
      return {};
    });
  };
  etag_["/bse"] = "\"7\"";
  const auto origin = read(ListKind::kNseMis, "");
  ASSERT_TRUE(origin) << origin.error().message;
  EXPECT_EQ(read_, "[\"/bse\"]");
  const auto again = read(ListKind::kNseMis, origin->tag);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->not_modified);
  EXPECT_EQ(read_, "");
  EXPECT_EQ(read(ListKind::kBseMis, "").error().reason, "SOURCE_DOWN") << "there is no such file";
  text_["/whole"] = std::string(101, 'x');
  EXPECT_EQ(read(ListKind::kSuspended, "").error().reason, "SOURCE_DOWN") << "too large";
}

TEST_F(MasterChoicesTest, TakesTheFirstThatCanBeHad) {
  auto origin = Read();
  ASSERT_TRUE(origin) << origin.error().message;
  EXPECT_EQ(read_, "[\"/whole\"]");
  EXPECT_EQ(origin->source, server_.url() + "/whole");
  status_["/whole"] = 403;
  origin = Read();
  ASSERT_TRUE(origin) << origin.error().message;
  EXPECT_EQ(read_, "[\"/nse\"] | [\"/bse\"]");
  EXPECT_EQ(origin->source, server_.url() + "/nse + " + server_.url() + "/bse, since " +
                                server_.url() + "/whole answered 403");
  status_["/bse"] = 404;
  const auto none = Read();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().reason, "SOURCE_DOWN");
  EXPECT_NE(none.error().message.find("/whole answered 403"), std::string::npos);
  EXPECT_NE(none.error().message.find("/bse answered 404"), std::string::npos);
  EXPECT_EQ(read_, "") << "half a master is none";
}

TEST_F(MasterChoicesTest, WhatBreaksOffIsNotFollowedByAnother) {
  text_["/whole"].pop_back();
  const auto cut = Read();
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().reason, "MASTER_TRUNCATED");
  EXPECT_EQ(asked_, "/whole");
}

TEST_F(MasterChoicesTest, ReadsOnlyWhatDiffersFromWhatIsKept) {
  etag_["/whole"] = "\"one\"";
  auto origin = Read();
  ASSERT_TRUE(origin);
  const std::string tag = origin->tag;
  EXPECT_NE(tag, "");
  EXPECT_FALSE(origin->not_modified);
  origin = Read(tag);
  ASSERT_TRUE(origin);
  EXPECT_TRUE(origin->not_modified);
  EXPECT_EQ(origin->tag, tag);
  EXPECT_EQ(asked_, "") << "not one byte of it";
  etag_["/whole"] = "\"two\"";
  origin = Read(tag);
  ASSERT_TRUE(origin);
  EXPECT_FALSE(origin->not_modified);
  EXPECT_NE(origin->tag, tag);
  etag_["/whole"] = "";
  EXPECT_EQ(Read(tag)->tag, "") << "no name, no comparison";
  EXPECT_EQ(asked_, "/whole");
}

TEST_F(MasterChoicesTest, KnowsHowFarItIs) {
  status_["/whole"] = 404;
  ASSERT_TRUE(Read());
  ASSERT_EQ(shares_.size(), 2U);
  EXPECT_NEAR(shares_[0], 0.5, 0.02) << "the first of two of a size";
  EXPECT_NEAR(shares_[1], 1.0, 0.001);
}

TEST(MasterUrlsTest, ReadsChoicesAndParts) {
  const auto urls = ReadMasterUrls("http://a/1,https://b/2+https://b/3");
  ASSERT_TRUE(urls) << urls.error().message;
  EXPECT_EQ(*urls, (std::vector<MasterFiles>{{"http://a/1"}, {"https://b/2", "https://b/3"}}));
  for (const char* wrong :
       {"", "http://a/1,", "+http://a/1", "ftp://a/1", "http://a/1,,http://b"}) {
    const auto refused = ReadMasterUrls(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().reason, "SETTINGS_INVALID");
  }
}

}  // namespace
}  // namespace sauda::instruments
