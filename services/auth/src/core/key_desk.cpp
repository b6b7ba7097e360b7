#include "services/auth/src/core/key_desk.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.hpp"

namespace sauda::auth {
namespace {

constexpr std::size_t kMostNameBytes = 64;
constexpr std::size_t kMostAccountBytes = 64;

Error Wrong(const char* reason, std::string message) {
  return {Code::kInvalidArgument, reason, std::move(message)};
}

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kMostNameBytes && IsUtf8(text) &&
         std::none_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7F;
         });
}

bool IsAccount(const std::string& text) {
  return !text.empty() && text.size() <= kMostAccountBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

Result<void> CheckNewKey(const NewKey& wanted, std::int64_t now_ms) {
  if (!IsName(wanted.name)) {
    return Wrong("KEY_NAME_INVALID", "name: 1 to 64 bytes of text without control characters");
  }
  if (wanted.scopes.empty()) {
    return Wrong("SCOPES_MISSING", "scopes: at least one of read, trade, admin");
  }
  if (wanted.accounts.size() > KeyDesk::kMostAccounts) {
    return Wrong("TOO_MANY_ACCOUNTS", "accounts: at most 32; none for all");
  }
  if (!std::all_of(wanted.accounts.begin(), wanted.accounts.end(), IsAccount)) {
    return Wrong("ACCOUNT_INVALID", "accounts: 1 to 64 letters, digits, '-', '_' or '.' each");
  }
  if (wanted.expires_ms != 0 && wanted.expires_ms <= now_ms) {
    return Wrong("EXPIRY_PAST", "expires_ms: expected a time to come, or 0 for never");
  }
  return {};
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ",") + text;
  return joined;
}

}  // namespace

Result<CreatedKey> KeyDesk::Create(const NewKey& wanted, const std::string& actor) {
  const std::int64_t now_ms = NowMs();
  if (const auto checked = CheckNewKey(wanted, now_ms); !checked) return checked.error();
  std::array<std::uint8_t, keys::kIdBytes> id_bytes{};
  std::array<std::uint8_t, keys::kSecretBytes> secret{};
  parts_.random.Fill(id_bytes);
  parts_.random.Fill(secret);
  CreatedKey created;
  keys::KnownKey& known = created.key.known;
  known.id = keys::KeyId(id_bytes);
  created.text = keys::KeyText(known.id, secret);
  secret.fill(0);
  known.hash = keys::HashOf(created.text);
  known.scopes = wanted.scopes;
  known.accounts = wanted.accounts;
  std::sort(known.accounts.begin(), known.accounts.end());
  known.accounts.erase(std::unique(known.accounts.begin(), known.accounts.end()),
                       known.accounts.end());
  known.expires_ms = wanted.expires_ms;
  created.key.name = wanted.name;
  created.key.created_ms = now_ms;
  created.key.created_by = actor;
  const Act act{.at_ms = now_ms,
                .actor = actor,
                .action = std::string{action::kKeyCreated},
                .subject = known.id,
                .detail = DetailOf({{"name", wanted.name},
                                    {"scopes", keys::TextOf(known.scopes)},
                                    {"accounts", Joined(known.accounts)},
                                    {"expires_ms", std::to_string(known.expires_ms)}})};
  const std::lock_guard lock{mutex_};
  if (const auto kept = parts_.store.Insert(created.key, act); !kept) return kept.error();
  // Without the whole set the next look tells about it; the key is good by then.
  if (!parts_.board.Change(known)) (void)RefreshLocked();
  return created;
}

Result<ApiKey> KeyDesk::Revoke(const std::string& key_id, const std::string& actor) {
  const Act act{.at_ms = NowMs(),
                .actor = actor,
                .action = std::string{action::kKeyRevoked},
                .subject = key_id,
                .detail = DetailOf({})};
  const std::lock_guard lock{mutex_};
  auto key = parts_.store.Revoke(key_id, act);
  if (!key) return key;
  if (!parts_.board.Change(key->known)) (void)RefreshLocked();
  return key;
}

Result<KeyDesk::Page> KeyDesk::List(std::size_t size, const std::string& token) {
  auto all = parts_.store.ReadAll();
  if (!all) return all.error();
  std::reverse(all->begin(), all->end());
  auto first = all->begin();
  if (!token.empty()) {
    first = std::find_if(all->begin(), all->end(),
                         [&](const ApiKey& key) { return key.known.id == token; });
    if (first == all->end()) {
      return Wrong("PAGE_TOKEN_INVALID", "page_token: expected next_page_token of the page before");
    }
    ++first;
  }
  const auto left = static_cast<std::size_t>(all->end() - first);
  const auto last = first + static_cast<std::ptrdiff_t>(std::min(left, size));
  Page page{.keys = {first, last}, .next = {}};
  if (last != all->end() && !page.keys.empty()) page.next = page.keys.back().known.id;
  return page;
}

Result<void> KeyDesk::NoteUses(std::vector<KeyUse> uses) {
  const std::int64_t now_ms = NowMs();
  for (KeyUse& use : uses) use.used_ms = std::min(use.used_ms, now_ms);
  // In one order: two replicas that note the same keys wait for each other, not in a circle.
  std::sort(uses.begin(), uses.end(),
            [](const KeyUse& a, const KeyUse& b) { return a.key_id < b.key_id; });
  return parts_.store.NoteUses(uses);
}

Result<void> KeyDesk::Refresh() {
  const std::lock_guard lock{mutex_};
  return RefreshLocked();
}

Result<void> KeyDesk::RefreshLocked() {
  const auto version = parts_.store.Version();
  if (!version) return version.error();
  if (version_ == *version && parts_.board.known()) return {};
  auto all = parts_.store.ReadAll();
  if (!all) return all.error();
  const std::int64_t forgotten_ms = NowMs() - kRememberedMs;
  std::vector<keys::KnownKey> known;
  for (ApiKey& key : *all) {
    const bool over_long_ago = (key.known.revoked_ms != 0 && key.known.revoked_ms < forgotten_ms) ||
                               (key.known.expires_ms != 0 && key.known.expires_ms < forgotten_ms);
    if (!over_long_ago) known.push_back(std::move(key.known));
  }
  parts_.board.Set(std::move(known));
  version_ = *version;  // read before the keys: what changed in between is read once more
  return {};
}

}  // namespace sauda::auth
