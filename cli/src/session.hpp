#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "cli/src/addresses.hpp"
#include "cli/src/failure.hpp"
#include "cli/src/io.hpp"
#include "libs/base/result.hpp"
#include "libs/settings/service.hpp"

namespace CLI {
class App;
}  // namespace CLI
namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace sauda::cli {

/// One run of saudactl: what all commands share. Commands register themselves on the command line
/// and leave in `action` what to do once it is read.
struct Session {
  const Io& io;
  bool json = false;
  std::int64_t timeout_ms = 5'000;
  std::string account;
  std::string endpoints_file;
  Addresses addresses;
  TlsSettings tls;
  std::function<int()> action;

  std::chrono::milliseconds timeout() const { return std::chrono::milliseconds{timeout_ms}; }

  /// A channel to one of `addresses`. Fails with kInvalidArgument / TLS_FILES_UNREADABLE.
  Result<std::shared_ptr<grpc::Channel>> Connect(const std::string& address) const;

  /// Runs one unary call with a deadline and a request id; turns its status into a Result.
  Result<void> Call(std::chrono::milliseconds limit,
                    const std::function<grpc::Status(grpc::ClientContext&)>& call) const;

  /// Writes an administrative act to the audit; before it is done, as the gateway does it.
  Result<void> Record(const std::string& act, const std::string& subject) const;

  int Fail(const std::string& doing, const Error& error) const {
    return cli::Fail(io, json, doing, error);
  }
};

void AddStatusCommand(CLI::App& app, Session& session);
void AddAuthCommands(CLI::App& app, Session& session);
void AddAccountCommands(CLI::App& app, Session& session);
void AddVaultCommands(CLI::App& app, Session& session);
void AddInstrumentsCommands(CLI::App& app, Session& session);
/// To the group of the instruments' commands.
void AddInstrumentQueries(CLI::App& group, Session& session);
/// To the same.
void AddInstrumentLists(CLI::App& group, Session& session);
void AddMarketCommands(CLI::App& app, Session& session);
void AddFeedCommands(CLI::App& app, Session& session);
/// To the group of the feed's commands.
void AddSubscribeCommands(CLI::App& group, Session& session);
void AddJournalCommands(CLI::App& app, Session& session);
void AddAuditCommands(CLI::App& app, Session& session);
void AddKeysCommands(CLI::App& app, Session& session);
void AddOrdersCommands(CLI::App& app, Session& session);
void AddKillCommands(CLI::App& app, Session& session);
void AddPortfolioCommands(CLI::App& app, Session& session);

}  // namespace sauda::cli
