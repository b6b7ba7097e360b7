#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulator/src/core/replay_market.hpp"

namespace sauda::sim {

/// Reads captures from files and merges them by the time of recording. A file is one JSON array of
/// Feed messages in protobuf's JSON form, each with `instrumentKey` and `_insertion_time` (IST);
/// gzip or plain, decided by content. Streams: memory is a few elements per file.
class CaptureReader final : public CaptureSource {
 public:
  /// Fails with kNotFound / CAPTURE_UNREADABLE when a file cannot be opened.
  static Result<std::unique_ptr<CaptureReader>> Open(std::vector<std::string> paths);
  ~CaptureReader() override;

  Result<std::optional<Captured>> Next() override;
  Result<void> Rewind() override;

 private:
  class File;
  explicit CaptureReader(std::vector<std::unique_ptr<File>> files);
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace sauda::sim
