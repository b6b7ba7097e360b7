#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/keys/digest.hpp"

namespace sauda::auth {

/// Something that somebody did and that must be known later. Never holds a secret.
struct Act {
  std::int64_t at_ms = 0;     ///< by the wall clock, milliseconds since the Unix epoch, UTC
  std::string actor;          ///< the id of the API key it was done with, or `local`
  std::string action;         ///< what, from a closed list: `key.created`, `login.completed`, …
  std::string subject;        ///< to what: the id of a key, an account, …
  std::string detail = "{}";  ///< a JSON object, see DetailOf

  friend bool operator==(const Act&, const Act&) = default;
};

/// What this service calls its acts; others name theirs in Record.
namespace action {
inline constexpr std::string_view kKeyCreated = "key.created";
inline constexpr std::string_view kKeyRevoked = "key.revoked";
inline constexpr std::string_view kLoginCompleted = "login.completed";
inline constexpr std::string_view kTokenSubmitted = "token.submitted";
inline constexpr std::string_view kLoggedOut = "account.logged_out";
inline constexpr std::string_view kVaultRotated = "vault.rotated";
}  // namespace action

/// A JSON object of texts, in the order given.
std::string DetailOf(std::initializer_list<std::pair<std::string_view, std::string>> members);

/// Where the chain ends: its newest row. No row yet: seq 0 and a hash of zeros.
struct AuditHead {
  std::int64_t seq = 0;
  keys::Digest hash{};

  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

/// One link of the chain.
struct AuditRow {
  std::int64_t seq = 0;  ///< from 1, without a hole
  Act act;
  keys::Digest previous{};  ///< hash of the row before; zeros at the first
  keys::Digest hash{};

  friend bool operator==(const AuditRow&, const AuditRow&) = default;
};

/// What a row's hash must be: SHA-256 over `sauda.audit.1`, seq, at_ms, actor, action, subject,
/// detail and previous, in that order. Numbers are 8 bytes, highest first; every text is led by its
/// length as such a number, so that no two rows have the same bytes.
keys::Digest HashOf(const AuditRow& row);

/// The row that puts `act` behind `head`.
AuditRow NextRow(const AuditHead& head, Act act);

/// The append-only audit, shared by every replica. Thread-safe. Every call fails with kUnavailable
/// / DATABASE_DOWN, DATABASE_BUSY and whatever else storage::PgPool::Transact says.
class AuditStore {
 public:
  virtual ~AuditStore() = default;

  /// Puts an act at the end of the chain, one at a time over all replicas. Fails also with
  /// kFailedPrecondition / AUDIT_HEAD_MISSING: somebody took the head away.
  virtual Result<AuditRow> Append(const Act& act) = 0;

  /// How the chain ends, all of it seen at one moment.
  struct End {
    std::optional<AuditHead> head;  ///< absent: somebody took it away
    std::int64_t newest = 0;        ///< highest seq of a row; 0 without rows
  };
  virtual Result<End> FindEnd() = 0;

  /// At most `limit` rows from `after` (not included) upwards.
  virtual Result<std::vector<AuditRow>> ReadUp(std::int64_t after, std::size_t limit) = 0;

  /// At most `limit` rows from `before` (not included) downwards; 0: from the newest.
  virtual Result<std::vector<AuditRow>> ReadDown(std::int64_t before, std::size_t limit) = 0;
};

/// Where the chain is broken first.
struct AuditBreak {
  std::int64_t seq = 0;  ///< of the first row that is wrong or not there
  std::string reason;    ///< for programs: see VerifyAudit
  std::string message;   ///< for people
};

/// What a verification found.
struct AuditVerdict {
  std::int64_t rows = 0;             ///< that were found to be right, from the first on
  AuditHead head;                    ///< the last of them: to be kept elsewhere and compared later
  std::optional<AuditBreak> broken;  ///< absent: all is as it should be
};

/// Reads the whole chain, from the first row to the head, and stops at the first break:
///
///   ROW_MISSING     there is no row of the next number
///   LINK_BROKEN     the row does not hold the hash of the one before
///   ROW_CHANGED     its hash is not that of what it says
///   TAIL_MISSING    the rows end before the head says they do
///   HEAD_MISSING, HEAD_WRONG  the head is not there, or does not name the last row
///   NOT_AS_EXPECTED the row that `expected` names is not there or has another hash: the chain was
///                   made anew as a whole, or its end was cut off together with the head
///
/// `expected` is the head of an earlier verification. Fails as the store does.
Result<AuditVerdict> VerifyAudit(AuditStore& store, const std::optional<AuditHead>& expected);

}  // namespace sauda::auth
