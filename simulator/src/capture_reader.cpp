#include "simulator/src/capture_reader.hpp"

#include <utility>

#include "simulator/src/feed_json.hpp"
#include "simulator/src/json_array_file.hpp"

namespace sauda::sim {

/// One file and its next element.
class CaptureReader::File {
 public:
  explicit File(JsonArrayFile file) : file_{std::move(file)} {}

  /// Makes head() the next element, or nothing at the end.
  Result<void> Advance() {
    head_.reset();
    const auto more = file_.Next(text_);
    if (!more) return Broken(more.error().message);
    if (!*more) return {};
    auto parsed = parser_.Parse(text_);
    if (!parsed) {
      return Broken(file_.path() + ": element " + std::to_string(file_.objects()) + ": " +
                    parsed.error().message);
    }
    head_ = std::move(*parsed);
    return {};
  }

  Result<void> Rewind() {
    if (auto rewound = file_.Rewind(); !rewound) return Broken(rewound.error().message);
    return Advance();
  }

  std::optional<Captured>& head() { return head_; }

 private:
  static Error Broken(std::string message) {
    return {Code::kDataLoss, "CAPTURE_BROKEN", std::move(message)};
  }

  JsonArrayFile file_;
  std::string text_;
  FeedJsonParser parser_;
  std::optional<Captured> head_;
};

CaptureReader::CaptureReader(std::vector<std::unique_ptr<File>> files) : files_{std::move(files)} {}
CaptureReader::~CaptureReader() = default;

Result<std::unique_ptr<CaptureReader>> CaptureReader::Open(std::vector<std::string> paths) {
  std::vector<std::unique_ptr<File>> files;
  for (std::string& path : paths) {
    auto opened = JsonArrayFile::Open(std::move(path));
    if (!opened) {
      return Error{Code::kNotFound, "CAPTURE_UNREADABLE", opened.error().message};
    }
    files.push_back(std::make_unique<File>(std::move(*opened)));
    if (auto first = files.back()->Advance(); !first) return first.error();
  }
  return std::unique_ptr<CaptureReader>{new CaptureReader{std::move(files)}};
}

Result<std::optional<Captured>> CaptureReader::Next() {
  File* earliest = nullptr;
  for (const std::unique_ptr<File>& file : files_) {
    if (!file->head()) continue;
    if (earliest == nullptr || file->head()->recorded_ms < earliest->head()->recorded_ms) {
      earliest = file.get();
    }
  }
  if (earliest == nullptr) return std::optional<Captured>{};
  std::optional<Captured> taken = std::move(earliest->head());
  if (auto more = earliest->Advance(); !more) return more.error();
  return taken;
}

Result<void> CaptureReader::Rewind() {
  for (const std::unique_ptr<File>& file : files_) {
    if (auto rewound = file->Rewind(); !rewound) return rewound.error();
  }
  return {};
}

}  // namespace sauda::sim
