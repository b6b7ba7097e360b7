#include "services/auth/src/adapters/pg_key_store.hpp"

#include <sstream>
#include <string>
#include <utility>

#include "libs/storage/pg_pool.hpp"
#include "services/auth/src/adapters/pg_audit_store.hpp"

namespace sauda::auth {
namespace {

#define COLUMNS                                                                   \
  "key_id, name, encode(hash, 'hex'), scopes, accounts, created_ms, created_by, " \
  "expires_ms, revoked_ms, last_used_ms"

constexpr auto kVersion = "SELECT seq FROM auth.audit_head";
constexpr auto kAll = "SELECT " COLUMNS " FROM auth.api_keys ORDER BY created_ms, key_id";
constexpr auto kOne = "SELECT " COLUMNS " FROM auth.api_keys WHERE key_id = $1";
constexpr auto kCountUsable =
    "SELECT count(*) FROM auth.api_keys "
    "WHERE revoked_ms = 0 AND (expires_ms = 0 OR expires_ms > $1)";
constexpr auto kInsert =
    "INSERT INTO auth.api_keys (key_id, name, hash, scopes, accounts, created_ms, created_by, "
    "expires_ms) VALUES ($1, $2, decode($3, 'hex'), $4, $5, $6, $7, $8) "
    "ON CONFLICT (name) WHERE revoked_ms = 0 DO NOTHING RETURNING 1";
constexpr auto kRevoke = "UPDATE auth.api_keys SET revoked_ms = $2 WHERE key_id = $1";
constexpr auto kNoteUse =
    "UPDATE auth.api_keys SET last_used_ms = $2 WHERE key_id = $1 AND last_used_ms < $2";
#undef COLUMNS

std::string TextAt(const pqxx::row& row, int column) {
  const pqxx::field field = row[column];
  return {field.c_str(), field.size()};
}

/// Accounts have no commas.
std::string Joined(const std::vector<std::string>& accounts) {
  std::string joined;
  for (const std::string& account : accounts) joined += (joined.empty() ? "" : ",") + account;
  return joined;
}

std::vector<std::string> Parted(const std::string& joined) {
  std::vector<std::string> accounts;
  std::istringstream list{joined};
  for (std::string each; std::getline(list, each, ',');) accounts.push_back(each);
  return accounts;
}

/// Fails when somebody has put into the table what no key is: then none must be let in with it.
Result<ApiKey> FromRow(const pqxx::row& row) {
  const auto hash = keys::FromHex(TextAt(row, 2));
  const auto scopes = keys::Scopes::FromBits(row[3].as<std::int64_t>());
  if (!hash || !scopes) {
    return Error{Code::kInternal, "DATABASE_ERROR", "key " + TextAt(row, 0) + " is no key"};
  }
  return ApiKey{.known = {.id = TextAt(row, 0),
                          .hash = *hash,
                          .scopes = *scopes,
                          .accounts = Parted(TextAt(row, 4)),
                          .expires_ms = row[7].as<std::int64_t>(),
                          .revoked_ms = row[8].as<std::int64_t>()},
                .name = TextAt(row, 1),
                .created_ms = row[5].as<std::int64_t>(),
                .created_by = TextAt(row, 6),
                .last_used_ms = row[9].as<std::int64_t>()};
}

}  // namespace

Result<std::int64_t> PgKeyStore::Version() {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::int64_t> {
    const pqxx::result head = work.exec(kVersion);
    return head.empty() ? -1 : head[0][0].as<std::int64_t>();  // taken away: nothing can change
  });
}

Result<std::vector<ApiKey>> PgKeyStore::ReadAll() {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<ApiKey>> {
    std::vector<ApiKey> all;
    for (const auto& row : work.exec(kAll)) {
      auto key = FromRow(row);
      if (!key) return key.error();
      all.push_back(std::move(*key));
    }
    return all;
  });
}

Result<void> PgKeyStore::Insert(const ApiKey& key, const Act& act) {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    if (const auto row = AppendRow(work, act); !row) return row.error();
    if (work.exec_params1(kCountUsable, key.created_ms)[0].as<std::int64_t>() >= kMostKeys) {
      return Error{Code::kResourceExhausted, "TOO_MANY_KEYS",
                   "1000 keys are in use: revoke some first"};
    }
    const pqxx::result made =
        work.exec_params(kInsert, key.known.id, key.name, keys::ToHex(key.known.hash),
                         static_cast<int>(key.known.scopes.bits()), Joined(key.known.accounts),
                         key.created_ms, key.created_by, key.known.expires_ms);
    if (made.empty()) {
      return Error{Code::kAlreadyExists, "KEY_NAME_TAKEN",
                   "another key has that name and is not revoked"};
    }
    return {};
  });
}

Result<ApiKey> PgKeyStore::Revoke(std::string_view key_id, const Act& act) {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  const std::string id{key_id};
  // The look comes before the head's lock: a repeat must leave no row, and what it sees as revoked
  // stays so. Two at once are told apart by the second look, under the lock.
  const auto look = [&](pqxx::work& work) -> Result<ApiKey> {
    const pqxx::result rows = work.exec_params(kOne, id);
    if (!rows.empty()) return FromRow(rows[0]);
    return Error{Code::kNotFound, "KEY_NOT_FOUND", "no key has the id " + id.substr(0, 32)};
  };
  auto found = pool_.Transact(look);
  if (!found || found->known.revoked_ms != 0) return found;
  constexpr auto kSettled = "ALREADY_REVOKED";
  auto revoked = pool_.Transact([&](pqxx::work& work) -> Result<ApiKey> {
    if (const auto row = AppendRow(work, act); !row) return row.error();
    auto key = look(work);
    if (!key) return key;
    if (key->known.revoked_ms != 0) return Error{Code::kAborted, kSettled, ""};
    work.exec_params0(kRevoke, id, act.at_ms);
    key->known.revoked_ms = act.at_ms;
    return key;
  });
  if (!revoked && revoked.error().reason == kSettled) return pool_.Transact(look);
  return revoked;
}

Result<void> PgKeyStore::NoteUses(std::span<const KeyUse> uses) {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    for (const KeyUse& use : uses) work.exec_params0(kNoteUse, use.key_id, use.used_ms);
    return {};
  });
}

}  // namespace sauda::auth
