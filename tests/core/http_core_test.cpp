#include <atomic>

#include <gtest/gtest.h>

#include "libs/http/breaker.hpp"
#include "libs/http/client.hpp"
#include "libs/http/egress.hpp"
#include "libs/http/router.hpp"
#include "libs/http/url.hpp"
#include "libs/http/worker_pool.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::http {
namespace {

using std::chrono::seconds;

struct UrlCase {
  std::string name;
  std::string text;
  std::string parsed;  // "scheme host port target", empty: malformed
};
class UrlTest : public testing::TestWithParam<UrlCase> {};

TEST_P(UrlTest, IsTakenApart) {
  const auto url = Url::Parse(GetParam().text);
  EXPECT_EQ(
      url ? url->scheme + " " + url->host + " " + std::to_string(url->port) + " " + url->target
          : "",
      GetParam().parsed);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, UrlTest,
    testing::Values(
        UrlCase{"Plain", "https://api.upstox.com/v2/x?a=b", "https api.upstox.com 443 /v2/x?a=b"},
        UrlCase{"NoPath", "http://localhost:8080", "http localhost 8080 /"},
        UrlCase{"QueryOnly", "wss://feed.example?code=1", "wss feed.example 443 /?code=1"},
        UrlCase{"CaseOfHost", "HTTPS://API.Example/Path", "https api.example 443 /Path"},
        UrlCase{"Ipv6", "http://[::1]:7/x", "http ::1 7 /x"},
        UrlCase{"Fragment", "http://a/x#y", "http a 80 /x"},
        UrlCase{"LargestPort", "http://a:65535/", "http a 65535 /"},
        UrlCase{"PortTooLarge", "http://a:65536/", ""}, UrlCase{"PortZero", "http://a:0/", ""},
        UrlCase{"PortMissing", "http://a:/", ""}, UrlCase{"OtherScheme", "ftp://a/", ""},
        UrlCase{"NoScheme", "a/b", ""}, UrlCase{"NoHost", "http:///x", ""},
        UrlCase{"Password", "http://user:pw@a/", ""}, UrlCase{"Space", "http://a/b c", ""},
        UrlCase{"LineBreak", "http://a/b\r\nX: y", ""}, UrlCase{"OpenBracket", "http://[::1/", ""},
        UrlCase{"BracketInAddress", "wss://[[]:74/", ""},
        UrlCase{"NameInBrackets", "http://[a]/", ""}, UrlCase{"BracketInName", "http://a[b/", ""},
        UrlCase{"EscapeInName", "http://a%2eb/", ""},
        UrlCase{"BackslashInName", "http://a\\b/", ""}, UrlCase{"PortTwice", "http://a:1:2/", ""}),
    CaseName{});

TEST(PercentTest, EncodesAndDecodes) {
  EXPECT_EQ(PercentEncode("NSE_INDEX|Nifty 50"), "NSE_INDEX%7CNifty%2050");
  EXPECT_EQ(PercentDecode("NSE_INDEX%7cNifty%2050"), "NSE_INDEX|Nifty 50");
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
  EXPECT_EQ(PercentDecode("a+b", true), "a b");
  EXPECT_EQ(PercentDecode("%"), std::nullopt);
  EXPECT_EQ(PercentDecode("%4"), std::nullopt);
  EXPECT_EQ(PercentDecode("%zz"), std::nullopt);
  EXPECT_EQ(PercentDecode("%00"), std::nullopt);
}

TEST(FieldsTest, ReadsForms) {
  const auto fields = ParseFields("a=1&b=x%26y&a=2&c&&d=");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->count("a"), 2U);
  EXPECT_EQ(fields->find("b")->second, "x&y");
  EXPECT_EQ(fields->find("c")->second, "");
  EXPECT_EQ(ParseFields("a=%"), std::nullopt);
  EXPECT_EQ(FormatFields({{"a b", "c&d"}}), "a%20b=c%26d");
}

TEST(HeadersTest, NamesHaveNoCase) {
  Headers headers{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(headers.Get("content-type"), "a");
  EXPECT_EQ(headers.Get("X"), "1");
  headers.Set("x", "3");
  EXPECT_EQ(headers.Get("X"), "3");
  EXPECT_FALSE(headers.Has("Y"));
  EXPECT_EQ(std::distance(headers.begin(), headers.end()), 2);
}

struct RouteCase {
  std::string name;
  std::string method;
  std::string path;
  std::string found;  // "number name=value", or the kind
};
class RouterTest : public testing::TestWithParam<RouteCase> {};

TEST_P(RouterTest, FindsTheClosestRoute) {
  Router router;
  router.Add("GET", "/", 0);
  router.Add("GET", "/v2/order/{id}", 1);
  router.Add("GET", "/v2/order/details", 2);
  router.Add("POST", "/v2/order/place", 3);
  router.Add("GET", "/v2/{a}/{b}", 4);
  const auto match = router.Find(GetParam().method, GetParam().path);
  using Kind = Router::Match::Kind;
  std::string found;
  switch (match.kind) {
    case Kind::kFound:
      found = std::to_string(match.route);
      for (const auto& [name, value] : match.params) {
        found.append(" ").append(name).append("=").append(value);
      }
      break;
    case Kind::kMalformed:
      found = "malformed";
      break;
    case Kind::kOtherMethod:
      found = "only " + match.allowed;
      break;
    case Kind::kUnknownPath:
      found = "unknown";
      break;
  }
  EXPECT_EQ(found, GetParam().found);
}
INSTANTIATE_TEST_SUITE_P(
    Paths, RouterTest,
    testing::Values(RouteCase{"Root", "GET", "/", "0"},
                    RouteCase{"Named", "GET", "/v2/order/17", "1 id=17"},
                    RouteCase{"LiteralWins", "GET", "/v2/order/details", "2"},
                    RouteCase{"LeftmostLiteralWins", "GET", "/v2/order/x", "1 id=x"},
                    RouteCase{"Decoded", "GET", "/v2/order/NSE_EQ%7CINE%2F1", "1 id=NSE_EQ|INE/1"},
                    RouteCase{"LiteralDecoded", "GET", "/v2/order/detail%73", "2"},
                    RouteCase{"TwoNames", "GET", "/v2/x/y", "4 a=x b=y"},
                    RouteCase{"EmptyName", "GET", "/v2/order/", "unknown"},
                    RouteCase{"TooLong", "GET", "/v2/order/1/2", "unknown"},
                    RouteCase{"OtherMethod", "DELETE", "/v2/order/place", "only GET, POST"},
                    RouteCase{"BrokenEscape", "GET", "/v2/order/%z", "malformed"}),
    CaseName{});

TEST(EgressTest, AllowsTheListedOnly) {
  const EgressList allowed{"api.upstox.com:443", "*.upstox.com:443", "127.0.0.1:7443",
                           "plain.example:80"};
  const auto reason = [&](const char* text) {
    const auto checked = CheckEgress(allowed, *Url::Parse(text));
    return checked ? "" : checked.error().reason;
  };
  EXPECT_EQ(reason("https://api.upstox.com/"), "");
  EXPECT_EQ(reason("wss://feeder.upstox.com/"), "");
  EXPECT_EQ(reason("https://api.upstox.com:8443/"), "EGRESS_REFUSED");
  EXPECT_EQ(reason("https://evilupstox.com/"), "EGRESS_REFUSED");
  EXPECT_EQ(reason("https://.upstox.com/"), "EGRESS_REFUSED");
  EXPECT_EQ(reason("http://127.0.0.1:7443/"), "");
  EXPECT_EQ(reason("http://plain.example/"), "EGRESS_REFUSED");
}

TEST(EgressTest, AProcessOfATestReachesThisMachineAlone) {
  ASSERT_EQ(setenv("SAUDA_LOOPBACK_ONLY", "1", 1), 0);  // read once, here
  for (const char* here : {"https://127.0.0.1:7443/", "http://localhost/", "wss://[::1]:9/"}) {
    EXPECT_TRUE(CheckProcessEgress(*Url::Parse(here))) << here;
  }
  for (const char* elsewhere :
       {"https://api-hft.upstox.com/", "https://127.0.0.1.evil.example/", "https://127.1/",
        "https://localhost.example/", "https://[::ffff:127.0.0.1]/", "wss://10.0.0.7/"}) {
    const auto checked = CheckProcessEgress(*Url::Parse(elsewhere));
    ASSERT_FALSE(checked) << elsewhere;
    EXPECT_EQ(checked.error().reason, "EGRESS_REFUSED");
  }
}

TEST(BreakerTest, OpensAfterFailuresInARowAndLetsOneTry) {
  ManualClock clock;
  Breaker breaker{{.failures = 2, .open_for = seconds{10}}};
  ASSERT_TRUE(breaker.TryEnter(clock.Now()));
  breaker.Failed(clock.Now());
  ASSERT_TRUE(breaker.TryEnter(clock.Now()));
  breaker.Succeeded();  // not in a row
  ASSERT_TRUE(breaker.TryEnter(clock.Now()));
  breaker.Failed(clock.Now());
  ASSERT_TRUE(breaker.TryEnter(clock.Now()));
  breaker.Failed(clock.Now());
  EXPECT_EQ(breaker.state(clock.Now()), Breaker::State::kOpen);
  EXPECT_FALSE(breaker.TryEnter(clock.Now()));
  clock.Advance(seconds{10});
  EXPECT_EQ(breaker.state(clock.Now()), Breaker::State::kHalfOpen);
  ASSERT_TRUE(breaker.TryEnter(clock.Now()));
  EXPECT_FALSE(breaker.TryEnter(clock.Now()));  // one at a time
  breaker.Failed(clock.Now());
  EXPECT_FALSE(breaker.TryEnter(clock.Now()));
  clock.Advance(seconds{10});
  ASSERT_TRUE(breaker.TryEnter(clock.Now()));
  breaker.Abandoned();
  ASSERT_TRUE(breaker.TryEnter(clock.Now()));
  breaker.Succeeded();
  EXPECT_EQ(breaker.state(clock.Now()), Breaker::State::kClosed);
  EXPECT_EQ(breaker.opened(), 2U);
}

TEST(RetryAfterTest, ReadsSecondsAndDates) {
  const char* const date = "Mon, 15 Dec 2025 04:00:00 GMT";
  EXPECT_EQ(ParseRetryAfter("30", date), seconds{30});
  EXPECT_EQ(ParseRetryAfter("Mon, 15 Dec 2025 04:00:45 GMT", date), seconds{45});
  EXPECT_EQ(ParseRetryAfter("Mon, 15 Dec 2025 03:00:00 GMT", date), seconds{0});
  EXPECT_EQ(ParseRetryAfter("Mon, 15 Dec 2025 04:00:45 GMT", ""), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("-1", date), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("soon", date), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("", date), std::nullopt);
  EXPECT_EQ(ParseHttpDateMs(date), 1'765'771'200'000);
}

TEST(WorkerPoolTest, FinishesWhatItAcceptedAndRefusesAfterStop) {
  std::atomic<int> done{0};
  WorkerPool pool{{.threads = 2, .waiting = 100}};
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.TryRun([&] { ++done; }));
  pool.Stop();
  EXPECT_EQ(done, 50);
  EXPECT_FALSE(pool.TryRun([&] { ++done; }));
}

}  // namespace
}  // namespace sauda::http
