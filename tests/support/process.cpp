#include "tests/support/process.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/base/check.hpp"

namespace sauda::test {
namespace {

constexpr std::chrono::milliseconds kPoll{10};
constexpr int kNotStarted = 127;

/// What of a developer's own settings must not reach a test's process.
bool IsOfARealAccount(const std::string& name) {
  const bool ours = name.starts_with("SAUDA_");
  return name.starts_with("UPSTOX_") || (ours && name.ends_with("_BROKER")) ||
         (ours && name.ends_with("_ORDER_ROUTE")) || (ours && name.ends_with("_SIM_URL"));
}

std::vector<std::string> EnvironmentOf(const Process::Command& command) {
  std::map<std::string, std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string pair{*each};
    const auto equals = pair.find('=');
    all[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  std::erase_if(all, [](const auto& variable) { return IsOfARealAccount(variable.first); });
  all["SAUDA_LOOPBACK_ONLY"] = "1";
  for (const auto& [name, value] : command.environment) all[name] = value;
  std::vector<std::string> pairs;
  for (const auto& [name, value] : all) pairs.emplace_back(name).append("=").append(value);
  return pairs;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// In the child: only calls that are safe after fork.
[[noreturn]] void Become(const passwd* user, int output, char* const* arguments,
                         char* const* environment) {
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, nullptr);
  const rlimit no_limit{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  (void)setrlimit(RLIMIT_CORE, &no_limit);  // so that a test sees who forbids a core by itself
  (void)dup2(output, STDOUT_FILENO);
  (void)dup2(output, STDERR_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  (void)dup2(nothing, STDIN_FILENO);
  if (user != nullptr && (initgroups(user->pw_name, user->pw_gid) != 0 ||
                          setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(kNotStarted);
  }
  if (user != nullptr) (void)prctl(PR_SET_PDEATHSIG, SIGKILL);  // cleared by setuid
  execvpe(arguments[0], arguments, environment);
  _exit(kNotStarted);
}

}  // namespace

Process::Process(const Command& command) {
  auto arguments = command.arguments;
  auto environment = EnvironmentOf(command);
  const auto argv = Pointers(arguments);
  const auto envp = Pointers(environment);
  const passwd* user = nullptr;
  if (!command.as_user.empty() && geteuid() == 0) {
    user = getpwnam(command.as_user.c_str());
    Check(user != nullptr, "no such user");
  }
  const int output =
      open(command.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  Check(output >= 0, "cannot write the output of a test's process");
  pid_ = fork();
  Check(pid_ >= 0, "cannot fork");
  if (pid_ == 0) Become(user, output, argv.data(), envp.data());
  (void)close(output);
}

Process::~Process() {
  if (!Runs()) return;
  Signal(SIGCONT);
  Signal(SIGTERM);
  if (WaitUntil([this] { return !Runs(); }, std::chrono::seconds{10})) return;
  Signal(SIGKILL);
  (void)waitpid(pid_, &status_, 0);
}

void Process::Signal(int signal) const {
  if (!reaped_) (void)kill(pid_, signal);
}

bool Process::Runs() {
  if (!reaped_ && waitpid(pid_, &status_, WNOHANG) == pid_) reaped_ = true;
  return !reaped_;
}

int Process::Wait(std::chrono::milliseconds limit) {
  if (!WaitUntil([this] { return !Runs(); }, limit)) {
    ADD_FAILURE() << "process " << pid_ << " did not end in " << limit.count() << " ms";
    Signal(SIGKILL);
    (void)waitpid(pid_, &status_, 0);
    reaped_ = true;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

Finished RunCommand(const Process::Command& command, std::chrono::milliseconds limit) {
  const TempFolder folder;
  Process::Command with_output = command;
  with_output.output_file = folder.path() + "/output";
  Process process{with_output};
  const int code = process.Wait(limit);
  return {.exit_code = code, .output = ReadText(with_output.output_file)};
}

TempFolder::TempFolder() {
  path_ = (std::filesystem::temp_directory_path() / "sauda-test-XXXXXX").string();
  Check(mkdtemp(path_.data()) != nullptr, "cannot make a temporary folder");
  std::filesystem::permissions(path_, std::filesystem::perms{0755});
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

int FreePort() {
  static std::set<int> given;
  for (;;) {
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);  // the sockets API wants it so
    Check(bind(socket_fd, generic, length) == 0, "no free port");
    Check(getsockname(socket_fd, generic, &length) == 0, "no port");
    (void)close(socket_fd);
    const int port = ntohs(address.sin_port);
    if (given.insert(port).second) return port;
  }
}

bool WaitUntil(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

std::string ReadText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

}  // namespace sauda::test
