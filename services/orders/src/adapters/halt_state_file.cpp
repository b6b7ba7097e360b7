#include "services/orders/src/adapters/halt_state_file.hpp"

#include <array>
#include <string>
#include <system_error>
#include <utility>

#include "libs/journal/file.hpp"

namespace sauda::orders {
namespace {

using journal::File;

Error HaltFileError(const Error& error) {
  return {Code::kUnavailable, "HALT_STATE_FAILED", error.reason + ": " + error.message};
}

bool IsMissing(const Error& error) { return error.reason == "FILE_NOT_FOUND"; }

/// A new file under another name first, so that there never is half of one.
Result<void> MakeHaltFile(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path folder =
      path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return journal::FileError(folder, "making", failed.value());
  std::filesystem::path beside = path;
  beside += ".new";
  std::filesystem::remove(beside, failed);  // of an earlier try; Create tells what is wrong
  auto file = File::Create(beside);
  if (!file) return file.error();
  if (auto written = file->Append(bytes); written.error) return *written.error;
  if (auto synced = file->Sync(); !synced) return synced;
  if (auto named = file->Rename(path); !named) return named;
  return journal::SyncDirectory(folder);
}

Result<void> WriteHaltFile(const std::filesystem::path& path, std::string_view bytes) {
  const auto file = File::OpenToWriteOver(path);
  if (!file) return IsMissing(file.error()) ? MakeHaltFile(path, bytes) : file.error();
  if (auto written = file->WriteAt(0, bytes); !written) return written;
  // Longer, it is none of ours, and unreadable until it is as long as it should be.
  if (auto cut = file->CutTo(bytes.size()); !cut) return cut;
  return file->Sync();
}

}  // namespace

Result<std::optional<HaltRecord>> HaltStateFile::Read() {
  const auto file = File::OpenToRead(path_);
  if (!file) {
    if (IsMissing(file.error())) return std::optional<HaltRecord>{};
    return HaltFileError(file.error());
  }
  std::array<char, kHaltRecordBytes + 1> bytes{};  // one more, to see that there is no more
  const auto got = file->ReadAt(0, bytes.data(), bytes.size());
  if (!got) return HaltFileError(got.error());
  auto record = DecodeHaltRecord({bytes.data(), *got});
  if (!record) return record.error();
  return std::optional{*std::move(record)};
}

Result<void> HaltStateFile::Write(const HaltRecord& record) {
  const auto written = WriteHaltFile(path_, EncodeHaltRecord(record));
  if (!written) return HaltFileError(written.error());
  return {};
}

}  // namespace sauda::orders
