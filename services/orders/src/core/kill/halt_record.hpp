#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::orders {

/// How the kill switch stands, as it is kept on disk.
struct HaltRecord {
  bool halted = false;
  std::int64_t at_ms = 0;  ///< wall clock, UTC: since when it stands so
  std::string by;          ///< who moved it: an API key's name, `dead-man`, `risk`, `start`
  std::string reason;      ///< for people

  friend bool operator==(const HaltRecord&, const HaltRecord&) = default;
};

/// Bytes of a record on disk, always as many: it is written over in place, which needs no room on a
/// full disk.
inline constexpr std::size_t kHaltRecordBytes = 512;

/// The record as one line of printable text, padded, with a checksum in front: half a write is no
/// record. Longer texts are cut, other characters become '?'.
std::string EncodeHaltRecord(const HaltRecord& record);

/// Fails with kDataLoss / HALT_STATE_UNREADABLE.
Result<HaltRecord> DecodeHaltRecord(std::string_view bytes);

/// Where the record is kept. Used by one thread at a time; may block on the disk.
class HaltFile {
 public:
  virtual ~HaltFile() = default;
  /// Absent: there never was one. Fails with kDataLoss / HALT_STATE_UNREADABLE, kUnavailable /
  /// HALT_STATE_FAILED (the disk said no).
  virtual Result<std::optional<HaltRecord>> Read() = 0;
  /// On disk when it returns. Fails with kUnavailable / HALT_STATE_FAILED; what is there may then
  /// be unreadable, which counts as halted.
  virtual Result<void> Write(const HaltRecord& record) = 0;
};

}  // namespace sauda::orders
