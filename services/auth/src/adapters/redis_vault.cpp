#include "services/auth/src/adapters/redis_vault.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "libs/storage/redis.hpp"

namespace sauda::auth {
namespace {

/// Raises the account's version by one, or to the time, whichever is more: so it also rises past
/// what an emptied Redis has forgotten.
const storage::RedisScript& WriteScript() {
  static const storage::RedisScript script{
      "local before = tonumber(redis.call('hget', KEYS[1], 'version') or '0') "
      "local version = string.format('%.0f', math.max(before + 1, tonumber(ARGV[3]))) "
      "redis.call('hset', KEYS[1], 'version', version, ARGV[1], ARGV[2], "
      "ARGV[1] .. '.version', version) "
      "return version"};
  return script;
}

std::string AccountKey(const std::string& account_id) { return "sauda:auth:account:" + account_id; }
std::string StateKey(const std::string& state) { return "sauda:auth:state:" + state; }

/// What a sealed token is bound to.
std::string Bound(const std::string& account_id, TokenKind kind) {
  return "sauda.token|" + account_id + "|" + std::string{NameOf(kind)};
}

Error Down(const Error& error) {
  return {Code::kUnavailable, "VAULT_DOWN", "the token vault (Redis) is away: " + error.message};
}

std::uint64_t ToNumber(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Result<Vault::Account> RedisVault::Read(const std::string& account_id) {
  const std::string key = AccountKey(account_id);
  const std::array<std::string_view, 2> command{"HGETALL", key};
  const auto reply = redis_.Command(command);
  if (!reply) return Down(reply.error());
  std::map<std::string, std::string> fields;
  for (std::size_t i = 0; i + 1 < reply->elements.size(); i += 2) {
    fields[reply->elements[i].text] = reply->elements[i + 1].text;
  }
  Account account{.known = fields.contains("version"), .tokens = {}, .unopened = {}};
  std::optional<Error> why;
  for (const TokenKind kind : kTokenKinds) {
    const std::string name{NameOf(kind)};
    const auto sealed = fields.find(name);
    if (sealed == fields.end()) continue;
    auto token = OpenToken(account_id, kind, sealed->second, fields[name + ".version"]);
    if (token) {
      account.tokens.push_back(std::move(*token));
    } else {
      account.unopened.push_back(kind);
      why = token.error();
    }
  }
  if (why && account.tokens.empty()) return *why;
  return account;
}

Result<std::uint64_t> RedisVault::Write(const std::string& account_id, const Token& token) {
  const nlohmann::json plain{{"token", token.text.Reveal()},
                             {"user", token.broker_user_id},
                             {"expires_ms", token.expires_ms},
                             {"simulated", token.simulated}};
  const auto sealed = cipher_.Seal(Secret{plain.dump()}, Bound(account_id, token.kind));
  if (!sealed) return sealed.error();
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const std::array keys{AccountKey(account_id)};
  const std::array arguments{std::string{NameOf(token.kind)}, *sealed,
                             std::to_string(now_ms.count())};
  const auto reply = redis_.Eval(WriteScript(), keys, arguments);
  if (!reply) return Down(reply.error());
  return ToNumber(reply->text);
}

Result<void> RedisVault::Erase(const std::string& account_id) {
  const std::string key = AccountKey(account_id);
  std::vector<std::string> names;
  for (const TokenKind kind : kTokenKinds) {
    names.emplace_back(NameOf(kind));
    names.push_back(names.back() + ".version");
  }
  std::vector<std::string_view> command{"HDEL", key};
  command.insert(command.end(), names.begin(), names.end());
  if (const auto reply = redis_.Command(command); !reply) return Down(reply.error());
  return {};
}

Result<void> RedisVault::KeepState(const std::string& state, const std::string& account_id,
                                   std::chrono::milliseconds life) {
  const auto kept = redis_.Set(StateKey(state), account_id, {.life = life});
  if (!kept) return Down(kept.error());
  return {};
}

Result<std::optional<std::string>> RedisVault::TakeState(const std::string& state) {
  auto taken = redis_.GetDelete(StateKey(state));
  if (!taken) return Down(taken.error());
  return std::move(*taken);
}

Result<void> RedisVault::Ping() {
  if (const auto pong = redis_.Ping(); !pong) return Down(pong.error());
  return {};
}

Result<Token> RedisVault::OpenToken(const std::string& account_id, TokenKind kind,
                                    const std::string& sealed, const std::string& version) const {
  const auto opened = cipher_.Open(sealed, Bound(account_id, kind));
  if (!opened) return opened.error();
  const auto plain = nlohmann::json::parse(opened->Reveal(), nullptr, false);
  const Error malformed{Code::kFailedPrecondition, "VAULT_KEY_WRONG",
                        "a token in the vault is not in this program's form: log in again"};
  if (!plain.is_object()) return malformed;
  const auto text = plain.find("token");
  const auto user = plain.find("user");
  const auto expires = plain.find("expires_ms");
  const auto simulated = plain.find("simulated");
  if (text == plain.end() || !text->is_string() || user == plain.end() || !user->is_string() ||
      expires == plain.end() || !expires->is_number_integer() || simulated == plain.end() ||
      !simulated->is_boolean()) {
    return malformed;
  }
  return Token{.text = Secret{text->get<std::string>()},
               .kind = kind,
               .broker_user_id = user->get<std::string>(),
               .expires_ms = expires->get<std::int64_t>(),
               .version = ToNumber(version),
               .simulated = simulated->get<bool>()};
}

}  // namespace sauda::auth
