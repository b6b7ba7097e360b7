#include "services/auth/src/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

namespace sauda::auth {
namespace {

constexpr const char* kMoreAccounts = "SAUDA_AUTH_MORE_ACCOUNTS";
constexpr std::size_t kLongestName = 32;
/// A path that nobody can guess: as many letters as 128 random bits in hexadecimal have.
constexpr std::size_t kShortestNotifierKey = 32;

std::vector<std::string> NamesIn(const char* list) {
  std::vector<std::string> names;
  std::stringstream text{list == nullptr ? "" : list};
  for (std::string name; std::getline(text, name, ',');) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

bool IsName(const std::string& name) {
  // UPSTOX_API_SECRET_FILE names a file, not the secret of an account.
  if (name == "file" || name.ends_with("-file")) return false;
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool IsPathPart(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

/// `api-key`, or `api-key-b` of the account b; its variable UPSTOX_API_KEY or UPSTOX_API_KEY_B.
SettingName NameOf(const std::string& account, const std::string& what) {
  const std::string flag = account.empty() ? what : what + "-" + account;
  std::string variable = "UPSTOX_" + flag;
  std::transform(variable.begin(), variable.end(), variable.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return SettingName::Variable(flag.c_str(), variable.c_str());
}

void DeclareCredentials(Settings& settings, const std::string& account, Credentials& of) {
  const std::string whose = account.empty() ? "" : ", of the account " + account;
  settings.Text(NameOf(account, "api-key"), of.api_key,
                "API key of the app registered at the broker; the simulator's is sim-key" + whose);
  settings.Hidden(NameOf(account, "api-secret"), of.api_secret,
                  "its secret; the simulator's is sim-secret" + whose);
  settings.Text(
      NameOf(account, "redirect-uri"), of.redirect_uri,
      "where the broker sends the browser after a login, as registered with the app" + whose);
  settings.Text(NameOf(account, "user-id"), of.user_id,
                "the only user of the broker whose logins are taken; empty: any" + whose);
  settings.Hidden(NameOf(account, "notifier-key"), of.notifier_key,
                  "last part of the app's notifier URL, "
                  "<gateway>/api/integrations/upstox/notifier/<key>, for logins by consent in the "
                  "broker's app: 32 random letters or more (openssl rand -hex 32)" +
                      whose);
}

Error Wrong(const std::string& what) { return {Code::kInvalidArgument, "SETTINGS_INVALID", what}; }

}  // namespace

void Config::Declare(Settings& settings) {
  log.Declare(settings);
  server.Declare(settings);
  settings.Address("metrics-listen", metrics_listen, "host:port of /metrics");
  broker.Declare(settings);
  settings.Address(SettingName::Shared("instruments-address"), instruments_address,
                   "host:port of the instruments service, which has the market calendar");
  settings.Hidden(SettingName::Shared("redis-url"), redis_url,
                  "Redis, redis://:password@host:port/db; without it redis://127.0.0.1:7379/0");
  settings.Hidden(SettingName::Shared("postgres-url"), postgres_url,
                  "postgresql://user:password@host:port/database, of API keys and audit; without "
                  "it there are neither");
  settings.Hidden("vault-key", vault_key,
                  "key of the token vault, 32 random bytes in base64 (openssl rand -base64 32); "
                  "needed, unless there is a keyring");
  settings.Hidden("vault-key-before", vault_key_before,
                  "the former vault key, while tokens that it sealed live on");
  settings.Text("vault-keyring", vault_keyring,
                "file of vault keys, one a line, the newest first, in place of the two; read again "
                "by `saudactl vault rotate`, and when a token was sealed by a key not yet known");
  settings.List(SettingName::Variable("more-accounts", kMoreAccounts), more_accounts,
                "names of further broker accounts, letters, digits and hyphens; only by the "
                "variable. An account b has settings of its own, UPSTOX_API_KEY_B and so on");
  credentials.emplace_back(std::string{}, Credentials{});
  DeclareCredentials(settings, "", credentials.back().second);
  for (const std::string& name : NamesIn(std::getenv(kMoreAccounts))) {
    const bool twice = std::any_of(credentials.begin(), credentials.end(),
                                   [&](const auto& each) { return each.first == name; });
    if (!IsName(name) || twice) continue;  // CheckAccounts says so
    credentials.emplace_back(name, Credentials{});
    DeclareCredentials(settings, name, credentials.back().second);
  }
  settings.Millis("vault-poll", vault_poll, {.low = 50, .high = 60'000},
                  "how often the vault is read for what other replicas wrote, ms");
  settings.Millis("clock-poll", clock_poll, {.low = 100, .high = 60'000},
                  "how often the simulator is asked for its time, ms");
  settings.Millis("keys-poll", keys_poll, {.low = 50, .high = 10'000},
                  "how often API keys are looked at for what other replicas changed, ms");
  settings.Millis("broker-deadline", broker_deadline, {.low = 100, .high = 60'000},
                  "how long one call to the broker may take, ms");
  settings.Millis("state-life", state_life, {.low = 1'000, .high = 3'600'000},
                  "how long a person may take to log in at the broker, ms");
}

Result<void> Config::CheckAccounts() const {
  std::set<std::string> names{broker.account};
  std::set<std::string> notifier_keys;
  std::set<std::string> apps;
  std::size_t declared = 1;
  for (const std::string& name : more_accounts) {
    if (!IsName(name)) {
      return Wrong(
          std::string{kMoreAccounts} + "=" + name +
          ": expected letters a to z, digits and hyphens, 32 at most, and no -file at the end");
    }
    if (!names.insert(name).second) return Wrong("two accounts have the name " + name);
    ++declared;
  }
  if (declared != credentials.size()) {
    return Wrong(std::string{"name the further accounts in the variable "} + kMoreAccounts +
                 ", not by --more-accounts: each has settings of its own");
  }
  for (const auto& [name, of] : credentials) {
    const std::string whose = name.empty() ? broker.account : name;
    if (!of.api_key.empty() && !apps.insert(of.api_key).second) {
      return Wrong("account " + whose + " has the API key of another account");
    }
    if (!of.notifier_key) continue;
    const std::string& key = of.notifier_key->Reveal();
    if (key.size() < kShortestNotifierKey || !IsPathPart(key)) {
      return Wrong("the notifier key of account " + whose +
                   " must be 32 letters, digits, hyphens or more: openssl rand -hex 32");
    }
    if (!notifier_keys.insert(key).second) {
      return Wrong("account " + whose + " has the notifier key of another account");
    }
  }
  return {};
}

}  // namespace sauda::auth
