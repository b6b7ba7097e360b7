#include "cli/src/failure.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"

namespace sauda::cli {
namespace {

struct Remedy {
  std::string_view reason;
  std::string_view text;
};

constexpr std::array kRemedies{
    Remedy{"SERVICE_DOWN", "is Sauda up? `./sauda status` says; `./sauda up` starts it"},
    Remedy{"DEADLINE_EXCEEDED", "the service is slow or stuck: `./sauda status`, or --timeout-ms"},
    Remedy{"TOKEN_MISSING", "log in with `saudactl login`"},
    Remedy{"TOKEN_EXPIRED", "tokens end at 03:30 IST: log in with `saudactl login`"},
    Remedy{
        "CREDENTIALS_MISSING",
        "set UPSTOX_API_KEY and UPSTOX_API_SECRET for the auth service; of an account b they are "
        "UPSTOX_API_KEY_B and so on"},
    Remedy{"STATE_UNKNOWN",
           "a login link works once and not for long: `saudactl login` gives another"},
    Remedy{"CODE_REJECTED",
           "a code works once and not for long: start again with `saudactl login`"},
    Remedy{"CREDENTIALS_REJECTED",
           "compare UPSTOX_API_KEY and UPSTOX_API_SECRET with the app's page at the broker; auth "
           "reads them when it starts"},
    Remedy{"REDIRECT_REJECTED",
           "UPSTOX_REDIRECT_URI must equal the app's redirect URL at the broker to the letter"},
    Remedy{"CLIENT_INACTIVE", "activate the app on its page at the broker, then log in again"},
    Remedy{"NO_ACTIVE_SEGMENT", "activate a segment in the broker's app, then log in again"},
    Remedy{"STATIC_IP_REFUSED",
           "the broker wants this from the app's registered address: `saudactl account static-ip`"},
    Remedy{"WRONG_USER", "log in as the account's own user, or name another with --account"},
    Remedy{"VAULT_KEY_MALFORMED", "the keyring holds one key a line: openssl rand -base64 32"},
    Remedy{"VAULT_KEY_UNREADABLE", "SAUDA_AUTH_VAULT_KEYRING must name a file that auth can read"},
    Remedy{"VAULT_BUSY", "tokens are being written: ask again"},
    Remedy{"NOTIFIER_MISSING",
           "set UPSTOX_NOTIFIER_KEY for auth, and the app's notifier URL at the broker"},
    Remedy{"ACCOUNT_UNKNOWN", "name one of auth's accounts with --account"},
    Remedy{"TOKEN_REJECTED", "the broker does not know this token: was all of it copied?"},
    Remedy{"INSTRUMENT_UNKNOWN",
           "`saudactl instruments find WORD` lists what there is; "
           "`saudactl instruments sync` fetches the master"},
    Remedy{"SYMBOL_AMBIGUOUS", "give the key, such as 'NSE_EQ|INE009A01021'"},
    Remedy{"DATABASE_DOWN", "PostgreSQL does not answer the service: `./sauda status`"},
    Remedy{"KEY_NAME_TAKEN",
           "`saudactl keys ls` shows whose it is; revoke it, or take another name"},
    Remedy{"KEY_NOT_FOUND", "`saudactl keys ls --all` shows the ids"},
    Remedy{"VAULT_DOWN", "Redis does not answer the auth service: `./sauda status`"},
    Remedy{"INSTRUMENTS_DOWN", "the instruments service does not answer: `./sauda status`"},
    Remedy{"FEED_DOWN",
           "a paper order without a price of its own needs live ticks: `saudactl "
           "status`, or give --limit"},
    Remedy{"NOT_RECONCILED",
           "the order service compares its ledger with the broker first: "
           "`saudactl status` says how far it is"},
    Remedy{"BROKER_DOWN", "the broker does not answer; try again in a while"},
    Remedy{"BROKER_UNREACHABLE", "nothing reached the broker; try again in a while"},
    Remedy{"SYNC_RUNNING", "another sync runs; `saudactl status` shows when it is through"},
    Remedy{"CLIENT_ORDER_ID_REUSED", "that --id names another order: choose a new one, or none"},
    Remedy{"ORDER_UNDER_WAY", "the same order is being placed right now; ask again in a moment"},
    Remedy{"ORDER_STATE_UNKNOWN", "`saudactl orders show ID` tells when reconciliation settled it"},
    Remedy{"ANSWER_LOST", "it may have been sent: `saudactl orders show ID` tells"},
    Remedy{"OUTCOME_UNRECORDED", "repeat with the same --id to learn what became of it"},
    Remedy{"MODIFY_UNSETTLED", "`saudactl orders show ID` tells what became of it"},
    Remedy{"CANCEL_UNSETTLED", "`saudactl orders show ID` tells what became of it"},
    Remedy{"SLOW_CONSUMER", "this reader was too slow for the ticks asked for: ask for fewer"},
};

bool IsOneOf(std::string_view reason, std::initializer_list<std::string_view> reasons) {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

}  // namespace

ExitCode ExitCodeOf(const Error& error) {
  if (IsOneOf(error.reason,
              {"ANSWER_LOST", "OUTCOME_UNRECORDED", "MODIFY_UNSETTLED", "CANCEL_UNSETTLED"})) {
    return kOutcomeUnknown;
  }
  if (IsOneOf(error.reason, {"TOKEN_MISSING", "TOKEN_EXPIRED"})) return kNotLoggedIn;
  switch (error.code) {
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
    case Code::kInternal:
    case Code::kUnknown:
    case Code::kUnimplemented:
      return kUnavailable;
    default:
      return kRefused;
  }
}

std::string RemedyFor(const Error& error) {
  const auto found = std::find_if(kRemedies.begin(), kRemedies.end(), [&](const Remedy& remedy) {
    return remedy.reason == error.reason;
  });
  return found == kRemedies.end() ? "" : std::string{found->text};
}

ExitCode Fail(const Io& io, bool json, const std::string& doing, const Error& error) {
  const ExitCode code = ExitCodeOf(error);
  const std::string remedy = RemedyFor(error);
  if (json) {
    const nlohmann::json told{{"error",
                               {{"doing", doing},
                                {"reason", error.reason},
                                {"message", error.message},
                                {"remedy", remedy},
                                {"exit_code", static_cast<int>(code)}}}};
    io.err << told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    return code;
  }
  io.err << "saudactl: " << doing << ": " << Printable(error.reason) << ": "
         << Printable(error.message) << '\n';
  if (!remedy.empty()) io.err << "  " << remedy << '\n';
  return code;
}

}  // namespace sauda::cli
