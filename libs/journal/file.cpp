#include "libs/journal/file.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sauda::journal {
namespace {

constexpr mode_t kPermissions = 0640;  // market data under an account's name is not for everybody
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

Error FileError(const std::filesystem::path& path, std::string_view tried, int error_number) {
  Error error{Code::kInternal, "IO_FAILED", {}};
  std::string_view advice = "look at the disk's health and the kernel's log";
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      error.code = Code::kResourceExhausted;
      error.reason = "DISK_FULL";
      advice = "make room, or lower the journal's byte limit";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      error.code = Code::kPermissionDenied;
      error.reason = "NOT_PERMITTED";
      advice = "let this user write there";
      break;
    case ENOENT:
      error.code = Code::kNotFound;
      error.reason = "FILE_NOT_FOUND";
      advice = "see whether its directory is still there";
      break;
    case EEXIST:
      error.code = Code::kAlreadyExists;
      error.reason = "FILE_EXISTS";
      advice = "move it away";
      break;
    default:
      break;
  }
  error.message = path.string() + ": " + std::string{tried} +
                  " failed: " + std::generic_category().message(error_number) + "; " +
                  std::string{advice};
  return error;
}

File::File(File&& other) noexcept
    : path_{std::move(other.path_)}, descriptor_{std::exchange(other.descriptor_, -1)} {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<File> File::Open(const std::filesystem::path& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, kPermissions);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return FileError(path, "opening", errno);
  return File{path, descriptor};
}

Result<File> File::OpenToRead(const std::filesystem::path& path) { return Open(path, O_RDONLY); }

Result<File> File::Create(const std::filesystem::path& path) {
  return Open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
}

Result<File> File::OpenToMend(const std::filesystem::path& path) {
  return Open(path, O_RDWR | O_APPEND);
}

Result<File> File::OpenToWriteOver(const std::filesystem::path& path) { return Open(path, O_RDWR); }

Result<std::size_t> File::ReadAt(std::uint64_t offset, char* to, std::size_t bytes) const {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        ::pread(descriptor_, to + done, bytes - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return FileError(path_, "reading", errno);
    }
  }
  return done;
}

File::Appended File::Append(std::string_view bytes) const {
  Appended result;
  while (result.bytes < bytes.size()) {
    const ssize_t put =
        ::write(descriptor_, bytes.data() + result.bytes, bytes.size() - result.bytes);
    if (put > 0) {
      result.bytes += static_cast<std::size_t>(put);
    } else if (put == 0 || errno != EINTR) {
      result.error = FileError(path_, "writing", put == 0 ? EIO : errno);
      break;
    }
  }
  return result;
}

Result<void> File::WriteAt(std::uint64_t offset, std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t put =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put == 0 || (put < 0 && errno != EINTR)) {
      return FileError(path_, "writing", put == 0 ? EIO : errno);
    }
    if (put < 0) continue;
    offset += static_cast<std::uint64_t>(put);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> File::CutTo(std::uint64_t bytes) const {
  while (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
    if (errno != EINTR) return FileError(path_, "cutting", errno);
  }
  return {};
}

Result<void> File::Sync() const {
  if (::fdatasync(descriptor_) != 0) return FileError(path_, "syncing", errno);
  return {};
}

Result<File::State> File::Stat() const {
  struct stat found {};
  if (::fstat(descriptor_, &found) != 0) return FileError(path_, "looking at it", errno);
  return State{.bytes = static_cast<std::uint64_t>(found.st_size),
               .modified_ns = found.st_mtim.tv_sec * kNsPerSecond + found.st_mtim.tv_nsec,
               .removed = found.st_nlink == 0};
}

Result<bool> File::Lock() const {
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return FileError(path_, "locking", errno);
  }
  return true;
}

Result<void> File::Rename(const std::filesystem::path& to) {
  if (::rename(path_.c_str(), to.c_str()) != 0) return FileError(path_, "renaming", errno);
  path_ = to;
  return {};
}

Result<void> SyncDirectory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileError(directory, "opening", errno);
  const int failed = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  if (failed != 0) return FileError(directory, "syncing", failed);
  return {};
}

Result<void> RemoveFile(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0) return FileError(path, "removing", errno);
  return {};
}

}  // namespace sauda::journal
