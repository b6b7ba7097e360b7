#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "services/auth/src/config.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::auth {
namespace {

using Environment = std::map<std::string, std::string>;

constexpr const char* kMore = "SAUDA_AUTH_MORE_ACCOUNTS";
constexpr const char* kKey = "0123456789abcdef0123456789abcdef";

/// Reads the settings of this environment; what is wrong, or nothing.
std::string Read(Config& config, const Environment& environment,
                 const std::vector<std::string>& arguments = {}) {
  const auto more = environment.find(kMore);
  if (more == environment.end()) {
    ::unsetenv(kMore);
  } else {
    ::setenv(kMore, more->second.c_str(), 1);
  }
  Settings settings{"auth", "sauda-auth", "test"};
  config.Declare(settings);
  ::unsetenv(kMore);
  const auto parsed =
      settings.Parse(arguments, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        if (found == environment.end()) return std::nullopt;
        return found->second;
      });
  if (!parsed) return parsed.error().message;
  const auto checked = config.CheckAccounts();
  return checked ? "" : checked.error().message;
}

TEST(AuthConfigTest, EachAccountHasCredentialsOfItsOwn) {
  Config config;
  ASSERT_EQ(Read(config, {{kMore, "b,long-name"},
                          {"UPSTOX_API_KEY", "key-a"},
                          {"UPSTOX_API_SECRET", "secret-a"},
                          {"UPSTOX_API_KEY_B", "key-b"},
                          {"UPSTOX_API_SECRET_B", "secret-b"},
                          {"UPSTOX_USER_ID_B", "5XYZ"},
                          {"UPSTOX_REDIRECT_URI_LONG_NAME", "https://me.example/cb"},
                          {"UPSTOX_NOTIFIER_KEY_LONG_NAME", kKey}}),
            "");
  ASSERT_EQ(config.credentials.size(), 3U);
  const auto& [first_name, first] = config.credentials.front();
  EXPECT_EQ(first_name, "") << "the account of SAUDA_ACCOUNT";
  EXPECT_EQ(first.api_key, "key-a");
  EXPECT_EQ(first.api_secret->Reveal(), "secret-a");
  const auto& [b_name, b] = *std::next(config.credentials.begin());
  EXPECT_EQ(b_name, "b");
  EXPECT_EQ(b.api_key, "key-b");
  EXPECT_EQ(b.api_secret->Reveal(), "secret-b");
  EXPECT_EQ(b.user_id, "5XYZ");
  EXPECT_FALSE(b.notifier_key);
  EXPECT_EQ(b.redirect_uri, Credentials::kCallback);
  const auto& last = config.credentials.back().second;
  EXPECT_EQ(last.api_key, "") << "nothing of another account stands in";
  EXPECT_EQ(last.redirect_uri, "https://me.example/cb");
  EXPECT_EQ(last.notifier_key->Reveal(), kKey);
}

struct WrongCase {
  std::string name;
  Environment environment;
  std::string says;
};
class WrongAccountsTest : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongAccountsTest, AreRefusedAndNamed) {
  Config config;
  const std::string problem = Read(config, GetParam().environment);
  EXPECT_NE(problem.find(GetParam().says), std::string::npos) << problem;
  EXPECT_EQ(problem.find(kKey), std::string::npos) << "a secret is not shown";
}
INSTANTIATE_TEST_SUITE_P(
    Settings, WrongAccountsTest,
    testing::Values(
        WrongCase{"CapitalLetter", {{kMore, "B"}}, "SAUDA_AUTH_MORE_ACCOUNTS=B"},
        WrongCase{"NameOfAFile", {{kMore, "b-file"}}, "SAUDA_AUTH_MORE_ACCOUNTS=b-file"},
        WrongCase{"Twice", {{kMore, "b,b"}}, "two accounts have the name b"},
        WrongCase{"TheFirstOnesName", {{kMore, "main"}}, "two accounts have the name main"},
        WrongCase{"TheSameApp",
                  {{kMore, "b"}, {"UPSTOX_API_KEY", "key"}, {"UPSTOX_API_KEY_B", "key"}},
                  "account b has the API key of another account"},
        WrongCase{"TheSameNotifier",
                  {{kMore, "b"}, {"UPSTOX_NOTIFIER_KEY", kKey}, {"UPSTOX_NOTIFIER_KEY_B", kKey}},
                  "account b has the notifier key of another account"},
        WrongCase{"AShortNotifierKey",
                  {{"UPSTOX_NOTIFIER_KEY", "guess"}},
                  "the notifier key of account main"},
        WrongCase{"ANotifierKeyThatIsNoPath",
                  {{"UPSTOX_NOTIFIER_KEY", "0123456789abcdef0123456789abcde/"}},
                  "the notifier key of account main"}),
    CaseName{});

TEST(AuthConfigTest, FurtherAccountsAreNamedByTheVariableOnly) {
  Config config;
  EXPECT_NE(Read(config, {}, {"--more-accounts", "b"}).find("not by --more-accounts"),
            std::string::npos);
}

}  // namespace
}  // namespace sauda::auth
