#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>

#include <sys/types.h>

namespace sauda::test {

/// One end of a TCP connection of a process.
struct Peer {
  bool loopback = false;
  int local_port = 0;
  int remote_port = 0;
  std::string text;  ///< the kernel's line of it

  friend auto operator<=>(const Peer& a, const Peer& b) { return a.text <=> b.text; }
};

/// The inodes of a process's sockets; absent when this test may not look at it.
inline std::optional<std::set<std::string>> SocketsOf(pid_t pid) {
  std::set<std::string> inodes;
  std::error_code error;
  const std::filesystem::path folder{"/proc/" + std::to_string(pid) + "/fd"};
  for (auto entry = std::filesystem::directory_iterator{folder, error};
       !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
    std::error_code gone;
    const std::string link = std::filesystem::read_symlink(entry->path(), gone).string();
    if (link.starts_with("socket:[")) inodes.insert(link.substr(8, link.size() - 9));
  }
  if (error) return std::nullopt;
  return inodes;
}

/// The TCP connections that a process holds or is opening, listening sockets apart. Source:
/// proc(5), /proc/net/tcp: addresses are hexadecimal, in the machine's byte order.
inline std::optional<std::set<Peer>> ConnectionsOf(pid_t pid) {
  const auto own = SocketsOf(pid);
  if (!own) return std::nullopt;
  std::set<Peer> peers;
  for (const char* table : {"tcp", "tcp6"}) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/net/" + table};
    std::string line;
    std::getline(file, line);  // names of columns
    while (std::getline(file, line)) {
      std::istringstream words{line};
      std::string number, local, remote, state, queues, timer, retries, user, timeout, inode;
      words >> number >> local >> remote >> state >> queues >> timer >> retries >> user >>
          timeout >> inode;
      constexpr auto kListens = "0A";
      if (state == kListens || !own->contains(inode)) continue;
      const auto colon = remote.find(':');
      const std::string address = remote.substr(0, colon);
      const bool loopback = address == "0100007F" ||
                            address == "0000000000000000FFFF00000100007F" ||
                            address == "00000000000000000000000001000000";
      const auto port = [](const std::string& end) {
        return std::stoi(end.substr(end.find(':') + 1), nullptr, 16);
      };
      peers.insert({.loopback = loopback,
                    .local_port = port(local),
                    .remote_port = port(remote),
                    .text = local + " " + remote});
    }
  }
  return peers;
}

}  // namespace sauda::test
