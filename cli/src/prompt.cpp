#include "cli/src/prompt.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace sauda::cli {
namespace {

constexpr int kAskEveryMs = 500;
constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// What a signal's handler may reach: set before the handlers are, by the only thread that reads.
termios terminal_before{};
std::array<struct sigaction, kEnding.size()> handlers_before{};

/// Gives the terminal its echo back, then lets the signal do what it would have done.
extern "C" void RestoreAndEnd(int signal_number) {
  (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
  for (std::size_t i = 0; i < kEnding.size(); ++i) {
    (void)sigaction(kEnding.at(i), &handlers_before.at(i), nullptr);
  }
  (void)raise(signal_number);
}

/// No echo on a terminal while it lives; a signal that ends the process restores it too.
class EchoOff {
 public:
  EchoOff() {
    if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &terminal_before) != 0) return;
    struct sigaction restoring {};
    restoring.sa_handler = RestoreAndEnd;
    for (std::size_t i = 0; i < kEnding.size(); ++i) {
      (void)sigaction(kEnding.at(i), &restoring, &handlers_before.at(i));
    }
    watched_ = true;
    termios hidden = terminal_before;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (changed_) {
      (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
      std::cerr << '\n';
    }
    for (std::size_t i = 0; watched_ && i < kEnding.size(); ++i) {
      (void)sigaction(kEnding.at(i), &handlers_before.at(i), nullptr);
    }
  }

 private:
  bool watched_ = false;
  bool changed_ = false;
};

}  // namespace

std::optional<std::string> ReadHidden(const std::string& prompt) {
  return ReadHiddenWhile(prompt, nullptr);
}

std::optional<std::string> ReadHiddenWhile(const std::string& prompt,
                                           const std::function<bool()>& go_on) {
  const EchoOff quiet;  // before the prompt: who sees it may type
  if (isatty(STDIN_FILENO) != 0) std::cerr << prompt << std::flush;
  while (go_on) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int ready = poll(&input, 1, kAskEveryMs);
    if (ready > 0 || (ready < 0 && errno != EINTR)) break;  // a whole line, or the end
    if (!go_on()) return std::nullopt;
  }
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

}  // namespace sauda::cli
