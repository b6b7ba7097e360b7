#include "cli/src/addresses.hpp"

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

namespace sauda::cli {
namespace {

constexpr auto kFileName = ".sauda/endpoints.json";

/// The file of the nearest folder that has one; empty when none has.
std::string NearestFile() {
  std::error_code failed;
  for (auto folder = std::filesystem::current_path(failed); !failed && !folder.empty();
       folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / kFileName, failed)) return folder / kFileName;
    if (folder == folder.parent_path()) break;
  }
  return {};
}

Error Unreadable(const std::string& file, const std::string& why) {
  return {Code::kInvalidArgument, "ENDPOINTS_UNREADABLE", file + ": " + why};
}

Result<nlohmann::json> Read(const std::string& file) {
  std::ifstream stream{file};
  if (!stream) return Unreadable(file, "cannot be opened");
  auto ends = nlohmann::json::parse(stream, nullptr, false);
  if (!ends.is_object()) return Unreadable(file, "is not a JSON object");
  return ends;
}

/// `{"auth": {"address": "127.0.0.1:7101", …}, …}`
std::string AddressIn(const nlohmann::json& ends, const char* service) {
  const auto found = ends.find(service);
  if (found == ends.end() || !found->is_object()) return {};
  const auto address = found->find("address");
  return address != found->end() && address->is_string() ? address->get<std::string>() : "";
}

}  // namespace

Result<Addresses> FindAddresses(Addresses given, const std::string& file) {
  nlohmann::json ends = nlohmann::json::object();
  if (const std::string path = file.empty() ? NearestFile() : file; !path.empty()) {
    auto read = Read(path);
    if (!read) return read.error();
    ends = *std::move(read);
  }
  const auto fill = [&](std::string& address, const char* service, const char* fallback) {
    if (address.empty()) address = AddressIn(ends, service);
    if (address.empty()) address = fallback;
  };
  fill(given.auth, "auth", "127.0.0.1:7101");
  fill(given.instruments, "instruments", "127.0.0.1:7102");
  fill(given.feed, "feed", "127.0.0.1:7103");
  fill(given.orders, "orders", "127.0.0.1:7104");
  return given;
}

}  // namespace sauda::cli
