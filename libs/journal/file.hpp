#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::journal {

/// The failure of a call that set errno. DISK_FULL (also a quota or a limit of the file's size),
/// NOT_PERMITTED, FILE_NOT_FOUND, FILE_EXISTS or IO_FAILED; the message names the file, what was
/// tried and what to do.
Error FileError(const std::filesystem::path& path, std::string_view tried, int error_number);

/// One open file. Owned and used by one thread at a time.
class File {
 public:
  struct State {
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;  ///< since the Unix epoch, UTC
    bool removed = false;          ///< it has no name any more
  };
  struct Appended {
    std::size_t bytes = 0;       ///< that are in the file now
    std::optional<Error> error;  ///< why there are not more
  };

  static Result<File> OpenToRead(const std::filesystem::path& path);
  /// A new file to append to; FILE_EXISTS when there is one of that name.
  static Result<File> Create(const std::filesystem::path& path);
  /// An old file to read, cut and append to.
  static Result<File> OpenToMend(const std::filesystem::path& path);
  /// An old file to read, cut and write over.
  static Result<File> OpenToWriteOver(const std::filesystem::path& path);

  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  /// Reads up to `bytes`; fewer only at the end of the file.
  Result<std::size_t> ReadAt(std::uint64_t offset, char* to, std::size_t bytes) const;
  Appended Append(std::string_view bytes) const;
  /// Writes over what is there, and beyond the end what is left. Only of a file that was opened to
  /// be written over: others append, wherever they are told to write.
  Result<void> WriteAt(std::uint64_t offset, std::string_view bytes) const;
  Result<void> CutTo(std::uint64_t bytes) const;
  /// Until the disk has it.
  Result<void> Sync() const;
  Result<State> Stat() const;
  /// Marks it as being written, for as long as it is open. False: another process, or another File
  /// of this one, does so. Readers need no mark.
  Result<bool> Lock() const;
  /// Gives it another name in the same directory.
  Result<void> Rename(const std::filesystem::path& to);

  const std::filesystem::path& path() const { return path_; }

 private:
  File(std::filesystem::path path, int descriptor)
      : path_{std::move(path)}, descriptor_{descriptor} {}
  static Result<File> Open(const std::filesystem::path& path, int flags);

  std::filesystem::path path_;
  int descriptor_;  // -1: moved from
};

/// Until the disk knows the names in this directory.
Result<void> SyncDirectory(const std::filesystem::path& directory);
/// Fails with the reasons of FileError.
Result<void> RemoveFile(const std::filesystem::path& path);

}  // namespace sauda::journal
