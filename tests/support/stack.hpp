#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/private_stores.hpp"
#include "tests/support/process.hpp"

namespace sauda::test {

/// An answer of the gateway or the simulator.
struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string location;
};

/// The whole of Sauda as processes of the test's own: PostgreSQL, Redis, the simulator and the five
/// services, each on a free port of 127.0.0.1, with their logs in one folder. Nothing is logged in,
/// synced or subscribed until the test says so. Not thread-safe.
class Stack {
 public:
  struct Options {
    std::vector<std::string> simulator;              ///< further arguments of sauda-sim
    std::map<std::string, std::string> environment;  ///< for every process, over the defaults
  };
  explicit Stack(Options options);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  /// Gives every process that is started from now on this variable.
  void Set(const std::string& variable, const std::string& value) {
    options_.environment[variable] = value;
  }

  /// Starts one process by its name: sim, auth, instruments, feed, orders, gateway.
  void Start(const std::string& name);
  void StartAll();
  void Signal(const std::string& name, int signal);
  /// SIGKILL, and gone when it returns.
  void Kill(const std::string& name);
  Process& process(const std::string& name) { return *processes_.at(name); }

  /// Walks through the broker's dialog as a browser would. Fails the test when it does not end in a
  /// valid login.
  void LogIn();
  /// Approves the simulator's dialog at this address; where the browser would go next.
  std::string ApproveDialog(const std::string& url) const;
  /// Syncs the instrument master; the report as JSON text.
  std::string SyncInstruments() const;
  /// Every service says that it is ready.
  bool Ready() const;

  HttpAnswer Get(const std::string& path) const { return Ask("GET", path, ""); }
  HttpAnswer Ask(const std::string& method, const std::string& path, const std::string& body) const;
  /// A call of the simulator's admin pages.
  HttpAnswer Admin(const std::string& method, const std::string& path,
                   const std::string& body = "") const;

  std::string GatewayUrl() const;
  std::string SimulatorUrl() const;
  std::string CaFile() const;
  /// host:port of a service's gRPC, or of its metrics page.
  std::string Address(const std::string& name) const;
  std::string MetricsAddress(const std::string& name) const;
  /// The log of a process so far.
  std::string Log(const std::string& name) const;
  const std::string& folder() const { return folder_.path(); }
  /// URL of the project's database for the superuser.
  std::string DatabaseUrl() const { return postgres_.Url("sauda"); }

  PrivatePostgres& postgres() { return postgres_; }
  PrivateRedis& redis() { return redis_; }

  static const std::vector<std::string>& ServiceNames();
  /// Path of a program of this build.
  static std::string Program(const std::string& name);

 private:
  HttpAnswer Curl(std::vector<std::string> arguments) const;
  std::map<std::string, std::string> EnvironmentOf(const std::string& name) const;

  Options options_;
  TempFolder folder_;
  std::map<std::string, int> ports_;
  std::map<std::string, int> metrics_ports_;
  PrivatePostgres postgres_;
  PrivateRedis redis_;
  std::map<std::string, std::unique_ptr<Process>> processes_;
};

/// Folder of the real recordings and masters, or empty where it is not.
std::string RealData();

}  // namespace sauda::test
