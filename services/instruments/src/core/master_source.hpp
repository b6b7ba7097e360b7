#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// A piece of a master, inflated.
struct MasterChunk {
  std::string_view bytes;  // lives for the call
  bool simulated = false;  // the same for every piece
};

/// Where masters come from. Thread-safe.
class MasterSource {
 public:
  virtual ~MasterSource() = default;

  using Sink = std::function<Result<void>(const MasterChunk&)>;

  /// Reads the master to its end, told gzip from plain by content. `file` empty: the broker's, else
  /// a file of that name in the import folder. The market clock has been set by the answer before
  /// the first piece. Fails with kUnavailable / SOURCE_DOWN, kInvalidArgument / SOURCE_UNKNOWN or
  /// MASTER_MALFORMED (not gzip inside), kFailedPrecondition / MASTER_TRUNCATED, or as the sink
  /// did, which ends the reading. A file also with kUnavailable / CLOCK_UNKNOWN.
  virtual Result<void> Read(const std::string& file, const Sink& sink) = 0;
};

}  // namespace sauda::instruments
