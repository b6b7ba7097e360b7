#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sauda::test {

/// A child process, started at construction and gone with the object: SIGTERM, then SIGKILL after
/// ten seconds. Its output goes to one file. Also ends when the test itself dies. It gets neither
/// the broker, route and credentials of whoever runs the test, nor any host but this machine.
class Process {
 public:
  struct Command {
    std::vector<std::string> arguments;              ///< program first
    std::map<std::string, std::string> environment;  ///< added to the test's own
    std::string output_file;
    std::string as_user;  ///< run as this user when the test runs as root; empty: as the test
  };

  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;

  /// Whether it still runs.
  bool Runs();

  /// Waits for its end; the exit code, or 128 + signal. Fails the test after `limit` and kills it.
  int Wait(std::chrono::milliseconds limit = std::chrono::seconds{20});

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool reaped_ = false;
};

/// Runs a command to its end.
struct Finished {
  int exit_code = 0;
  std::string output;  ///< standard output and standard error
};
Finished RunCommand(const Process::Command& command,
                    std::chrono::milliseconds limit = std::chrono::seconds{60});

/// A folder of the test's own that goes with it. Every user may enter it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A TCP port of 127.0.0.1 that nobody listens on, never the same twice in one process.
int FreePort();

/// Asks every 10 ms until `holds`, at most `limit`. Whether it held.
bool WaitUntil(const std::function<bool()>& holds,
               std::chrono::milliseconds limit = std::chrono::seconds{20});

/// The whole text of a file; empty when it cannot be read.
std::string ReadText(const std::string& path);

}  // namespace sauda::test
