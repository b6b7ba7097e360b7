#include <csignal>
#include <cstdlib>
#include <iostream>

#include <sys/prctl.h>
#include <unistd.h>

#include "cli/src/program.hpp"
#include "cli/src/prompt.hpp"

int main(int argc, char** argv) {
  (void)std::signal(SIGPIPE, SIG_IGN);  // `saudactl … | head` ends with an error of the write
  (void)prctl(PR_SET_DUMPABLE, 0);      // a pasted token must not reach a core dump
  sauda::cli::Io io{.in = std::cin,
                    .out = std::cout,
                    .err = std::cerr,
                    .out_is_terminal = isatty(STDOUT_FILENO) != 0,
                    .environment = [](const std::string& name) -> std::optional<std::string> {
                      const char* const value = std::getenv(name.c_str());
                      return value == nullptr ? std::nullopt : std::optional<std::string>{value};
                    },
                    .read_hidden = sauda::cli::ReadHidden,
                    .read_hidden_while = nullptr};
  if (isatty(STDIN_FILENO) != 0) io.read_hidden_while = sauda::cli::ReadHiddenWhile;
  return sauda::cli::Run({argv + 1, argv + argc}, io);
}
