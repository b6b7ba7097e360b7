#include "cli/src/program.hpp"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/src/session.hpp"
#include "libs/settings/version.hpp"

namespace sauda::cli {
namespace {

constexpr auto kFooter = R"(
Exit codes: 0 done, 1 refused, 2 wrong words, 3 something is away, 4 not logged in,
5 sent and no answer came (ask again with the same id).
Addresses come from the flags, then the variables, then .sauda/endpoints.json here or in a folder
above, then the defaults 127.0.0.1:7101 to 7104.)";

/// A text that the flag, else the variable, gives.
void AddText(CLI::App& app, const Io& io, const std::string& flag, const char* variable,
             std::string& target, const std::string& help) {
  if (const auto value = io.environment(variable); value && !value->empty()) target = *value;
  app.add_option(flag, target, help + " (" + variable + ")");
}

void AddCommonOptions(CLI::App& app, Session& session) {
  const Io& io = session.io;
  app.add_flag("--json", session.json, "answers as JSON, one document or one line per event");
  app.add_option("--timeout-ms", session.timeout_ms, "how long one call may take")
      ->check(CLI::Range(1, 600'000))
      ->capture_default_str();
  AddText(app, io, "--account", "SAUDA_ACCOUNT", session.account, "the account; default: the only");
  AddText(app, io, "--auth-address", "SAUDA_AUTH_ADDRESS", session.addresses.auth,
          "host:port of auth");
  AddText(app, io, "--instruments-address", "SAUDA_INSTRUMENTS_ADDRESS",
          session.addresses.instruments, "host:port of instruments");
  AddText(app, io, "--feed-address", "SAUDA_FEED_ADDRESS", session.addresses.feed,
          "host:port of feed");
  AddText(app, io, "--orders-address", "SAUDA_ORDERS_ADDRESS", session.addresses.orders,
          "host:port of orders");
  app.add_option("--endpoints", session.endpoints_file,
                 "file with the addresses of a running Sauda");
  AddText(app, io, "--tls-cert", "SAUDA_TLS_CERT", session.tls.certificate_file,
          "PEM certificate, for mutual TLS");
  AddText(app, io, "--tls-key", "SAUDA_TLS_KEY", session.tls.key_file, "its key");
  AddText(app, io, "--tls-ca", "SAUDA_TLS_CA", session.tls.ca_file,
          "PEM certificate of the authority that signs the services");
}

}  // namespace

int Run(const std::vector<std::string>& words, const Io& io) {
  CLI::App app{"saudactl: Sauda from the command line", "saudactl"};
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();  // common options may stand behind the command
  app.set_version_flag("--version", std::string{"saudactl "} + kVersion + " (" + kCommit + ")");
  Session session{.io = io};
  AddCommonOptions(app, session);
  AddStatusCommand(app, session);
  AddAuthCommands(app, session);
  AddAccountCommands(app, session);
  AddVaultCommands(app, session);
  AddInstrumentsCommands(app, session);
  AddMarketCommands(app, session);
  AddFeedCommands(app, session);
  AddJournalCommands(app, session);
  AddKeysCommands(app, session);
  AddAuditCommands(app, session);
  AddOrdersCommands(app, session);
  AddKillCommands(app, session);
  AddPortfolioCommands(app, session);
  try {
    std::vector<std::string> reversed{words.rbegin(), words.rend()};  // as CLI11 takes them
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem, io.out, io.err) == 0 ? kOk : kUsage;
  }
  auto addresses = FindAddresses(session.addresses, session.endpoints_file);
  if (!addresses) {
    io.err << "saudactl: " << addresses.error().message << '\n';
    return kUsage;
  }
  session.addresses = *std::move(addresses);
  return session.action();
}

}  // namespace sauda::cli
