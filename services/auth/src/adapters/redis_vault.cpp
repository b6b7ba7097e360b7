#include "services/auth/src/adapters/redis_vault.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <set>
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

/// Sets the pending approval when there is none, when it is dead at ARGV[2], or when ARGV[3] is 1.
const storage::RedisScript& ApprovalScript() {
  static const storage::RedisScript script{
      "local now = redis.call('get', KEYS[1]) "
      "if now and ARGV[3] ~= '1' then "
      "  local ends = tonumber(string.match(now, '^%d+')) "
      "  if ends and ends > tonumber(ARGV[2]) then return now end "
      "end "
      "redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[4]) "
      "return ARGV[1]"};
  return script;
}

/// Removes the pending approval when its text ends with ARGV[1].
const storage::RedisScript& DropScript() {
  static const storage::RedisScript script{
      "local now = redis.call('get', KEYS[1]) "
      "if now and string.match(now, ' ([^ ]+)$') == ARGV[1] then redis.call('del', KEYS[1]) end "
      "return 1"};
  return script;
}

/// Puts ARGV[3] in place of ARGV[2] in a field, if it is still that.
const storage::RedisScript& ReplaceScript() {
  static const storage::RedisScript script{
      "if redis.call('hget', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end "
      "redis.call('hset', KEYS[1], ARGV[1], ARGV[3]) "
      "return 1"};
  return script;
}

/// How often a value may be written while it is sealed anew, before that gives up.
constexpr int kResealTries = 100;
constexpr std::string_view kAccountPrefix = "sauda:auth:account:";

/// Longer than any approval lives; the market clock, which judges them, may be another.
constexpr std::int64_t kApprovalKeptMs = 172'800'000;

std::string AccountKey(const std::string& account_id) {
  return std::string{kAccountPrefix} + account_id;
}
std::string StateKey(const std::string& state) { return "sauda:auth:state:" + state; }
std::string ApprovalKey(const std::string& account_id) {
  return "sauda:auth:approval:" + account_id;
}

std::string ToText(const Approval& approval) {
  return std::to_string(approval.expires_ms) + " " + std::to_string(approval.requested_ms) + " " +
         approval.id;
}

Result<Approval> ToApproval(const std::string& text) {
  Approval approval;
  const char* const end = text.data() + text.size();
  const auto expires = std::from_chars(text.data(), end, approval.expires_ms);
  if (expires.ec == std::errc{} && expires.ptr != end) {
    const auto requested = std::from_chars(expires.ptr + 1, end, approval.requested_ms);
    if (requested.ec == std::errc{} && requested.ptr != end) {
      approval.id.assign(requested.ptr + 1, end);
      return approval;
    }
  }
  return Error{Code::kInternal, "VAULT_MALFORMED", "a pending approval is not in our form"};
}

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
  const auto sealed = keyring_.cipher()->Seal(Secret{plain.dump()}, Bound(account_id, token.kind));
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

Result<Approval> RedisVault::KeepApproval(const std::string& account_id, const Approval& approval,
                                          std::int64_t now_ms, bool replace) {
  const std::array keys{ApprovalKey(account_id)};
  const std::array arguments{ToText(approval), std::to_string(now_ms),
                             std::string{replace ? "1" : "0"}, std::to_string(kApprovalKeptMs)};
  const auto reply = redis_.Eval(ApprovalScript(), keys, arguments);
  if (!reply) return Down(reply.error());
  return ToApproval(reply->text);
}

Result<std::optional<Approval>> RedisVault::ReadApproval(const std::string& account_id) {
  const auto text = redis_.Get(ApprovalKey(account_id));
  if (!text) return Down(text.error());
  if (!*text) return std::optional<Approval>{};
  auto approval = ToApproval(**text);
  if (!approval) return approval.error();
  return std::optional{std::move(*approval)};
}

Result<void> RedisVault::DropApproval(const std::string& account_id, const std::string& id) {
  const std::array keys{ApprovalKey(account_id)};
  const std::array arguments{id};
  if (const auto reply = redis_.Eval(DropScript(), keys, arguments); !reply) {
    return Down(reply.error());
  }
  return {};
}

std::shared_ptr<const VaultCipher> RedisVault::CipherFor(const std::string& sealed) const {
  auto cipher = keyring_.cipher();
  // A failure to read is the same as no newer key: opening says so.
  if (!cipher->Knows(sealed) && keyring_.Reload()) cipher = keyring_.cipher();
  return cipher;
}

Result<Vault::Resealed> RedisVault::Reseal() {
  if (auto reloaded = keyring_.Reload(); !reloaded) return reloaded.error();
  Resealed done;
  done.key_ids = keyring_.cipher()->key_ids();
  const std::string pattern = std::string{kAccountPrefix} + "*";
  std::set<std::string> accounts;  // a scan may give a key twice
  std::string cursor = "0";
  do {
    const std::array<std::string_view, 6> command{"SCAN", cursor, "MATCH", pattern, "COUNT", "100"};
    const auto reply = redis_.Command(command);
    if (!reply) return Down(reply.error());
    if (reply->elements.size() != 2) {
      return Error{Code::kInternal, "VAULT_MALFORMED", "Redis answers SCAN in another form"};
    }
    for (const auto& key : reply->elements[1].elements) {
      accounts.insert(key.text.substr(kAccountPrefix.size()));
    }
    cursor = reply->elements[0].text;
  } while (cursor != "0");
  for (const std::string& account_id : accounts) {
    for (const TokenKind kind : kTokenKinds) {
      if (auto resealed = ResealOne(account_id, kind, done); !resealed) return resealed.error();
    }
  }
  return done;
}

Result<void> RedisVault::ResealOne(const std::string& account_id, TokenKind kind, Resealed& done) {
  const std::string key = AccountKey(account_id);
  const std::string field{NameOf(kind)};
  for (int tried = 0; tried < kResealTries; ++tried) {
    const std::array<std::string_view, 3> get{"HGET", key, field};
    const auto reply = redis_.Command(get);
    if (!reply) return Down(reply.error());
    if (reply->type == storage::RedisReply::Type::kNil) return {};
    const auto cipher = keyring_.cipher();
    if (cipher->IsCurrent(reply->text)) {
      ++done.current;
      return {};
    }
    const auto opened = cipher->Open(reply->text, Bound(account_id, kind));
    if (!opened) {
      ++done.unopened;
      return {};
    }
    const auto sealed = cipher->Seal(*opened, Bound(account_id, kind));
    if (!sealed) return sealed.error();
    const std::array keys{key};
    const std::array arguments{field, reply->text, *sealed};
    const auto replaced = redis_.Eval(ReplaceScript(), keys, arguments);
    if (!replaced) return Down(replaced.error());
    if (replaced->integer == 1) {
      ++done.changed;
      return {};
    }
    ++done.raced;
  }
  return Error{Code::kAborted, "VAULT_BUSY",
               "a token of account " + account_id + " is written all the time: try again"};
}

Result<void> RedisVault::Ping() {
  if (const auto pong = redis_.Ping(); !pong) return Down(pong.error());
  return {};
}

Result<Token> RedisVault::OpenToken(const std::string& account_id, TokenKind kind,
                                    const std::string& sealed, const std::string& version) const {
  const auto opened = CipherFor(sealed)->Open(sealed, Bound(account_id, kind));
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
