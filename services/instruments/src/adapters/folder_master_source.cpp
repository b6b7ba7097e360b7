#include "services/instruments/src/adapters/folder_master_source.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/instruments/src/adapters/inflater.hpp"

namespace sauda::instruments {
namespace {

constexpr std::size_t kPieceBytes = 65'536;
constexpr std::size_t kMaxName = 200;

bool IsPlainName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxName && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

Error Unknown(const std::string& why) { return {Code::kInvalidArgument, "SOURCE_UNKNOWN", why}; }

/// A file descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_{descriptor} {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

}  // namespace

Result<MasterOrigin> FolderMasterSource::Read(const MasterRequest& request, const Sink& sink) {
  const std::string& file = request.file;
  if (folder_.empty()) return Unknown("no import folder is set");
  if (!IsPlainName(file)) {
    return Unknown("a file is named without folders: letters, digits, '.', '-', '_'");
  }
  // Not blocking, so that a pipe in the folder cannot hold a sync.
  const std::string path = folder_ + "/" + file;
  const File opened{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  struct stat facts {};
  const bool regular =
      opened.get() >= 0 && fstat(opened.get(), &facts) == 0 && S_ISREG(facts.st_mode);
  if (!regular) return Unknown("the import folder has no file '" + file + "' that can be read");
  if (simulated_ && !market_clock_.offset_ms()) {
    return Error{Code::kUnavailable, "CLOCK_UNKNOWN",
                 "the simulator has not told its time yet, so nobody can tell what has expired"};
  }
  std::int64_t taken = 0;
  bool begins_file = true;
  Inflater inflater{[&](std::string_view bytes) {
    const auto size = static_cast<double>(std::max<std::int64_t>(facts.st_size, 1));
    return sink({.bytes = bytes,
                 .simulated = simulated_,
                 .begins_file = std::exchange(begins_file, false),
                 .share_read = static_cast<double>(taken) / size});
  }};
  std::vector<char> piece(kPieceBytes);
  while (true) {
    const ssize_t got = read(opened.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return Error{Code::kUnavailable, "SOURCE_DOWN",
                   "'" + file + "' cannot be read: " + std::generic_category().message(errno)};
    }
    if (got == 0) {
      if (auto finished = inflater.Finish(); !finished) return finished.error();
      return MasterOrigin{.source = "file " + file};
    }
    taken += got;
    auto fed = inflater.Feed({piece.data(), static_cast<std::size_t>(got)});
    if (!fed) return fed.error();
  }
}

}  // namespace sauda::instruments
