#include "services/auth/src/core/audit.hpp"

#include <utility>

namespace sauda::auth {
namespace {

constexpr std::size_t kRowsAtOnce = 1'000;

void AddNumber(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
  }
}

void AddText(std::string& bytes, std::string_view text) {
  AddNumber(bytes, text.size());
  bytes += text;
}

/// A JSON string. Text is UTF-8 wherever it comes from; nothing but what JSON asks for is escaped.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    if (byte >= 0x20) {
      quoted += c;
    } else {
      quoted += "\\u00";
      quoted += kDigits[byte >> 4U];
      quoted += kDigits[byte & 0xFU];
    }
  }
  return quoted + "\"";
}

/// Walks the chain link by link.
class Walk {
 public:
  explicit Walk(std::optional<AuditHead> expected) : expected_{std::move(expected)} {}

  /// False: the chain breaks here.
  bool Take(const AuditRow& row) {
    AuditHead& last = verdict_.head;
    if (row.seq != last.seq + 1) {
      return Break(last.seq + 1, "ROW_MISSING", "there is no such row; the next is " + Name(row));
    }
    if (!keys::SameDigest(row.previous, last.hash)) {
      return Break(row.seq, "LINK_BROKEN", "it does not hold the hash of the row before it");
    }
    if (!keys::SameDigest(row.hash, HashOf(row))) {
      return Break(row.seq, "ROW_CHANGED", "its hash is not that of what it says");
    }
    if (expected_ && expected_->seq == row.seq && !keys::SameDigest(expected_->hash, row.hash)) {
      return Break(row.seq, "NOT_AS_EXPECTED", "its hash is not the one that was noted before");
    }
    last = {.seq = row.seq, .hash = row.hash};
    ++verdict_.rows;
    return true;
  }

  AuditVerdict End(const AuditStore::End& end) {
    const AuditHead& last = verdict_.head;
    if (verdict_.broken) return verdict_;
    if (!end.head) {
      Break(last.seq + 1, "HEAD_MISSING", "the table that says where the audit ends is empty");
    } else if (end.head->seq > last.seq) {
      Break(last.seq + 1, "TAIL_MISSING",
            "rows up to " + std::to_string(end.head->seq) + " were written and are gone");
    } else if (end.head->seq < last.seq || !keys::SameDigest(end.head->hash, last.hash)) {
      Break(last.seq, "HEAD_WRONG", "the head names row " + std::to_string(end.head->seq));
    } else if (expected_ && expected_->seq > last.seq) {
      Break(last.seq + 1, "NOT_AS_EXPECTED",
            "row " + std::to_string(expected_->seq) + " was noted before and is gone");
    }
    return verdict_;
  }

 private:
  static std::string Name(const AuditRow& row) { return std::to_string(row.seq); }

  bool Break(std::int64_t seq, const char* reason, std::string message) {
    verdict_.broken = AuditBreak{.seq = seq, .reason = reason, .message = std::move(message)};
    return false;
  }

  const std::optional<AuditHead> expected_;
  AuditVerdict verdict_;
};

}  // namespace

std::string DetailOf(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  std::string json = "{";
  for (const auto& [name, value] : members) {
    if (json.size() > 1) json += ",";
    json += Quoted(name) + ":" + Quoted(value);
  }
  return json + "}";
}

keys::Digest HashOf(const AuditRow& row) {
  std::string bytes;
  AddText(bytes, "sauda.audit.1");
  AddNumber(bytes, static_cast<std::uint64_t>(row.seq));
  AddNumber(bytes, static_cast<std::uint64_t>(row.act.at_ms));
  AddText(bytes, row.act.actor);
  AddText(bytes, row.act.action);
  AddText(bytes, row.act.subject);
  AddText(bytes, row.act.detail);
  AddText(bytes, keys::ToBytes(row.previous));
  return keys::Sha256(bytes);
}

AuditRow NextRow(const AuditHead& head, Act act) {
  AuditRow row{.seq = head.seq + 1, .act = std::move(act), .previous = head.hash, .hash = {}};
  row.hash = HashOf(row);
  return row;
}

Result<AuditVerdict> VerifyAudit(AuditStore& store, const std::optional<AuditHead>& expected) {
  const auto end = store.FindEnd();
  if (!end) return end.error();
  Walk walk{expected};
  // Rows that are appended meanwhile lie behind this end, and are left to the next verification.
  for (std::int64_t after = 0; after < end->newest;) {
    const auto rows = store.ReadUp(after, kRowsAtOnce);
    if (!rows) return rows.error();
    for (const AuditRow& row : *rows) {
      if (row.seq > end->newest) return walk.End(*end);
      if (!walk.Take(row)) return walk.End(*end);
    }
    if (rows->empty()) break;
    after = rows->back().seq;
  }
  return walk.End(*end);
}

}  // namespace sauda::auth
