#include "cli/src/prompt.hpp"

#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace sauda::cli {
namespace {

/// No echo on a terminal while it lives.
class EchoOff {
 public:
  EchoOff() {
    if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (!changed_) return;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << '\n';
  }

 private:
  termios before_{};
  bool changed_ = false;
};

}  // namespace

std::optional<std::string> ReadHidden(const std::string& prompt) {
  if (isatty(STDIN_FILENO) != 0) std::cerr << prompt << std::flush;
  const EchoOff quiet;
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

}  // namespace sauda::cli
