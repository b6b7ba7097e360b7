#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "libs/base/check.hpp"

namespace sauda {

/// A plain TCP client of this machine that says exactly the bytes a test wants, for peers that do
/// not behave. Blocks at most `patience` for each read.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port, int receive_buffer_bytes = 0,
                     std::chrono::seconds patience = std::chrono::seconds{10})
      : descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    Check(descriptor_ >= 0, "a test needs a socket");
    if (receive_buffer_bytes > 0) {
      ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                   sizeof receive_buffer_bytes);
    }
    const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Check(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          "a test needs its server");
  }
  ~RawSocket() { ::close(descriptor_); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  /// False once the peer has gone.
  bool Say(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// What comes next; empty at the end of the connection, or when patience ends.
  std::string Hear() const {
    std::string bytes(65'536, '\0');
    const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  /// Reads until `text` has come, and returns all of it; less when the connection ends first.
  std::string HearUntil(std::string_view text) const {
    std::string all;
    while (all.find(text) == std::string::npos) {
      const std::string more = Hear();
      if (more.empty()) break;
      all += more;
    }
    return all;
  }

  /// Reads until the peer closes.
  std::string HearAll() const {
    std::string all;
    for (std::string more = Hear(); !more.empty(); more = Hear()) all += more;
    return all;
  }

 private:
  int descriptor_;
};

}  // namespace sauda
