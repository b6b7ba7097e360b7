#include "services/auth/src/adapters/pg_audit_store.hpp"

#include <limits>
#include <string>

#include "libs/storage/pg_pool.hpp"

namespace sauda::auth {
namespace {

constexpr auto kLockHead = "SELECT seq, encode(hash, 'hex') FROM auth.audit_head FOR UPDATE";
constexpr auto kInsert =
    "INSERT INTO auth.audit (seq, at_ms, actor, action, subject, detail, previous, hash) "
    "VALUES ($1, $2, $3, $4, $5, $6, decode($7, 'hex'), decode($8, 'hex'))";
constexpr auto kMoveHead = "UPDATE auth.audit_head SET seq = $1, hash = decode($2, 'hex')";

// One statement sees one moment.
constexpr auto kEnd =
    "SELECT coalesce((SELECT max(seq) FROM auth.audit), 0), "
    "(SELECT seq FROM auth.audit_head), (SELECT encode(hash, 'hex') FROM auth.audit_head)";

#define COLUMNS                                         \
  "SELECT seq, at_ms, actor, action, subject, detail, " \
  "encode(previous, 'hex'), encode(hash, 'hex') FROM auth.audit "
constexpr auto kUp = COLUMNS "WHERE seq > $1 ORDER BY seq LIMIT $2";
constexpr auto kDown = COLUMNS "WHERE seq < $1 ORDER BY seq DESC LIMIT $2";
#undef COLUMNS

std::string TextAt(const pqxx::row& row, int column) {
  const pqxx::field field = row[column];
  return {field.c_str(), field.size()};
}

/// The table's own check keeps other lengths out; what is no digest compares equal to none.
keys::Digest DigestAt(const pqxx::row& row, int column) {
  return keys::FromHex(TextAt(row, column)).value_or(keys::Digest{});
}

std::vector<AuditRow> FromRows(const pqxx::result& rows) {
  std::vector<AuditRow> read;
  read.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) {
    read.push_back({.seq = row[0].as<std::int64_t>(),
                    .act = {.at_ms = row[1].as<std::int64_t>(),
                            .actor = TextAt(row, 2),
                            .action = TextAt(row, 3),
                            .subject = TextAt(row, 4),
                            .detail = TextAt(row, 5)},
                    .previous = DigestAt(row, 6),
                    .hash = DigestAt(row, 7)});
  }
  return read;
}

}  // namespace

Result<AuditRow> AppendRow(pqxx::work& work, const Act& act) {
  const pqxx::result head = work.exec(kLockHead);
  if (head.size() != 1) {
    return Error{Code::kFailedPrecondition, "AUDIT_HEAD_MISSING",
                 "the table that says where the audit ends is empty: nothing can follow"};
  }
  AuditRow row = NextRow({.seq = head[0][0].as<std::int64_t>(), .hash = DigestAt(head[0], 1)}, act);
  work.exec_params0(kInsert, row.seq, act.at_ms, act.actor, act.action, act.subject, act.detail,
                    keys::ToHex(row.previous), keys::ToHex(row.hash));
  work.exec_params0(kMoveHead, row.seq, keys::ToHex(row.hash));
  return row;
}

Result<AuditRow> PgAuditStore::Append(const Act& act) {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) { return AppendRow(work, act); });
}

Result<AuditStore::End> PgAuditStore::FindEnd() {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<End> {
    const pqxx::row row = work.exec1(kEnd);
    End end{.head = {}, .newest = row[0].as<std::int64_t>()};
    if (!row[1].is_null()) {
      end.head = AuditHead{.seq = row[1].as<std::int64_t>(), .hash = DigestAt(row, 2)};
    }
    return end;
  });
}

Result<std::vector<AuditRow>> PgAuditStore::ReadUp(std::int64_t after, std::size_t limit) {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<AuditRow>> {
    return FromRows(work.exec_params(kUp, after, limit));
  });
}

Result<std::vector<AuditRow>> PgAuditStore::ReadDown(std::int64_t before, std::size_t limit) {
  if (const auto ready = schema_.Check(); !ready) return ready.error();
  const std::int64_t below = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<AuditRow>> {
    return FromRows(work.exec_params(kDown, below, limit));
  });
}

}  // namespace sauda::auth
