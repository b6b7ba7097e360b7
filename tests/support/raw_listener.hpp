#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include <poll.h>

#include "tests/support/raw_socket.hpp"

namespace sauda {

/// A peer on a real socket that plays a script: accepts one connection after the other on a thread
/// of its own, runs the script on it and closes it.
class RawListener {
 public:
  /// One accepted connection; the same calls as RawSocket.
  class Peer {
   public:
    explicit Peer(int descriptor) : descriptor_{descriptor} {}
    bool Say(std::string_view bytes) const {
      return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
             static_cast<ssize_t>(bytes.size());
    }
    std::string HearUntil(std::string_view text) const {
      std::string all;
      while (all.find(text) == std::string::npos) {
        std::string bytes(65'536, '\0');
        const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
        if (got <= 0) return {};
        all.append(bytes, 0, static_cast<std::size_t>(got));
      }
      return all;
    }

   private:
    int descriptor_;
  };

  explicit RawListener(std::function<void(Peer&)> script)
      : script_{std::move(script)}, descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    Check(::bind(descriptor_, generic, size) == 0 && ::listen(descriptor_, 16) == 0 &&
              ::getsockname(descriptor_, generic, &size) == 0,
          "a test needs a listener");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { Run(); }};
  }
  ~RawListener() {
    stopping_ = true;
    thread_.join();
    ::close(descriptor_);
  }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void Run() {
    while (!stopping_) {
      pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
      const timeval limit{.tv_sec = 2, .tv_usec = 0};
      ::setsockopt(accepted, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      Peer peer{accepted};
      script_(peer);
      ::close(accepted);
    }
  }

  const std::function<void(Peer&)> script_;
  const int descriptor_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace sauda
