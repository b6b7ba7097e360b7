#include "simulator/src/sent_record.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace sauda::sim {

Result<std::unique_ptr<SentRecord>> SentRecord::Create(const std::string& path) {
  std::ofstream file{path};
  if (!file) return Error{Code::kInvalidArgument, "FILE_NOT_WRITABLE", path + " cannot be written"};
  return std::unique_ptr<SentRecord>{new SentRecord{std::move(file)}};
}

void SentRecord::Add(What what, std::int64_t sent_ns, std::uint64_t session,
                     std::span<const SentEntry> entries) {
  constexpr std::array kNames{"snapshot", "live", "skipped", "away"};
  for (const SentEntry& entry : entries) {
    file_ << sent_ns << '\t' << session << '\t' << kNames.at(static_cast<std::size_t>(what)) << '\t'
          << *entry.key << '\t' << entry.number << '\n';
  }
  file_.flush();
}

}  // namespace sauda::sim
