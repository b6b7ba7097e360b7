// Whom a webhook may name.
#include <gtest/gtest.h>

#include "services/feed/src/core/alerts/webhook.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::feed {
namespace {

const Secret kSecret{"0123456789abcdef"};

struct Case {
  std::string name;
  Webhook webhook;
  std::string reason;  // none: accepted
};
class CheckWebhookTest : public testing::TestWithParam<Case> {};

TEST_P(CheckWebhookTest, GivesTheReasonAndQuotesNothing) {
  const auto checked = CheckWebhook(GetParam().webhook);
  EXPECT_EQ(checked ? "" : checked.error().reason, GetParam().reason);
  if (checked) return;
  EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
  EXPECT_EQ(checked.error().message, "the webhook is refused: " + GetParam().reason);
}

Webhook To(const std::string& url) { return {"desk", url, kSecret}; }
Webhook With(const std::string& secret) { return {"desk", "https://a.in/", Secret{secret}}; }

INSTANTIATE_TEST_SUITE_P(
    Urls, CheckWebhookTest,
    testing::Values(
        Case{"Https", To("https://hooks.example.in/alerts?x=1"), ""},
        Case{"HttpsWithPort", To("https://10.0.0.5:8443"), ""},
        Case{"Loopback", To("http://127.0.0.1:8080/hook"), ""},
        Case{"LoopbackByName", To("http://localhost/hook"), ""},
        Case{"LoopbackIpv6", To("http://[::1]:8080/hook"), ""},
        Case{"LoopbackIpv6Alone", To("http://[::1]"), ""},
        Case{"HttpsIpv6", To("https://[2001:db8::1]:8443/x"), ""},
        Case{"GreatestPort", To("https://a.in:65535/"), ""},
        Case{"PortTooGreat", To("https://a.in:65536/"), "URL_INVALID"},
        Case{"PortFarTooGreat", To("https://a.in:99999999999999999999/"), "URL_INVALID"},
        Case{"PortZero", To("https://a.in:0/"), "URL_INVALID"},
        Case{"PortMissing", To("https://a.in:/"), "URL_INVALID"},
        Case{"PortMissingOfIpv6", To("http://[::1]:/"), ""},
        Case{"PortNoNumber", To("https://a.in:80x/"), "URL_INVALID"},
        Case{"PortSigned", To("https://a.in:+80/"), "URL_INVALID"},
        Case{"TwoPorts", To("https://a.in:80:80/"), "URL_INVALID"},
        Case{"NoNameButSigns", To("https://a!b/"), "URL_INVALID"},
        Case{"EscapedName", To("https://a%62/"), "URL_INVALID"},
        Case{"BehindIpv6", To("http://[::1]x/"), "URL_INVALID"},
        Case{"Ipv6NotClosed", To("https://[::1/"), "URL_INVALID"},
        Case{"Ipv6NoAddress", To("https://[fe80::1%25eth0]/"), "URL_INVALID"},
        Case{"NameInBrackets", To("https://[beef]/"), "URL_INVALID"},
        Case{"Query", To("https://a.in?x=1"), ""},
        Case{"PlainElsewhere", To("http://hooks.example.in/"), "URL_INVALID"},
        Case{"PlainNameLikeLoopback", To("http://127.0.0.1.example.in/"), "URL_INVALID"},
        Case{"PlainLoopbackAsUser", To("http://127.0.0.1@example.in/"), "URL_INVALID"},
        Case{"PlainLoopbackAsPassword", To("http://localhost:80@example.in/"), "URL_INVALID"},
        Case{"OtherScheme", To("ftp://127.0.0.1/"), "URL_INVALID"},
        Case{"NoScheme", To("hooks.example.in"), "URL_INVALID"},
        Case{"NoHost", To("https:///path"), "URL_INVALID"},
        Case{"User", To("https://me:pass@example.in/"), "URL_INVALID"},
        Case{"Fragment", To("https://example.in/#top"), "URL_INVALID"},
        Case{"Blank", To("https://example.in/a b"), "URL_INVALID"},
        Case{"NewLine", To("https://example.in/\r\nX: y"), "URL_INVALID"},
        Case{"NotAscii", To("https://ex\xc3\xa4mple.in/"), "URL_INVALID"},
        Case{"Longest", To("https://a.in/" + std::string(2'048 - 13, 'x')), ""},
        Case{"TooLong", To("https://a.in/" + std::string(2'049 - 13, 'x')), "URL_INVALID"},
        Case{"Empty", To(""), "URL_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Rest, CheckWebhookTest,
    testing::Values(Case{"NoId", {"", "https://a.in/", kSecret}, "WEBHOOK_ID_INVALID"},
                    Case{"ShortestSecret", With(std::string(16, 's')), ""},
                    Case{"TooShortSecret", With(std::string(15, 's')), "SECRET_INVALID"},
                    Case{"LongestSecret", With(std::string(128, 's')), ""},
                    Case{"TooLongSecret", With(std::string(129, 's')), "SECRET_INVALID"},
                    Case{"BlankInSecret", With("0123456789 abcdef"), "SECRET_INVALID"}),
    CaseName{});

}  // namespace
}  // namespace sauda::feed
