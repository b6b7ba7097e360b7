#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// Which master to read.
struct MasterRequest {
  std::string file;     // empty: the broker's; else of that name in the import folder
  bool sample = false;  // the built-in one instead of either
  /// What the source called the master that is kept now; it may answer that it still has that one.
  std::string kept_tag;
};

/// A piece of a master, inflated.
struct MasterChunk {
  std::string_view bytes;    // lives for the call
  bool simulated = false;    // the same for every piece
  bool begins_file = false;  // a master may come in several files, one behind the other
  double share_read = 0;     // of the whole, 0 to 1; 0 where the size is not known
};

/// Where a master came from.
struct MasterOrigin {
  std::string source;         // for people: an address, a file, and what was tried before
  std::string tag;            // what the source calls it; empty: nothing
  bool not_modified = false;  // it is still the one of `kept_tag`, and was not read
};

/// Where masters come from. Thread-safe.
class MasterSource {
 public:
  virtual ~MasterSource() = default;

  using Sink = std::function<Result<void>(const MasterChunk&)>;

  /// Reads the master to its end, told gzip from plain by content. The market clock has been set by
  /// the answer before the first piece. Fails with kUnavailable / SOURCE_DOWN, kInvalidArgument /
  /// SOURCE_UNKNOWN or MASTER_MALFORMED (not gzip inside), kFailedPrecondition / MASTER_TRUNCATED,
  /// or as the sink did, which ends the reading. A file and the sample also with kUnavailable /
  /// CLOCK_UNKNOWN.
  virtual Result<MasterOrigin> Read(const MasterRequest& request, const Sink& sink) = 0;
};

}  // namespace sauda::instruments
