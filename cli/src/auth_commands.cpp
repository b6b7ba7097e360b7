#include <charconv>
#include <condition_variable>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>
#include <thread>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "libs/base/secret.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = auth::v1alpha1;

constexpr std::chrono::milliseconds kBrokerCallLimit{30'000};  // the service calls the broker
constexpr std::chrono::milliseconds kPollEvery{500};
constexpr auto kPastePrompt = "code, or the whole address you were sent to: ";

struct LoginOptions {
  std::string token_file;
  bool token = false;
  bool code = false;
  bool approve = false;
  bool again = false;
  pb::TokenKind kind = pb::TOKEN_KIND_ACCESS;
  std::int64_t wait_seconds = 300;
};

/// Whether there is an access token: the others read the market, and are no login.
bool IsLoggedIn(const pb::TokenStatus& status) {
  return status.state() == pb::LOGIN_STATE_LOGGED_IN && status.kind() == pb::TOKEN_KIND_ACCESS;
}

/// Percent-decoded, as a browser's address line may show it.
std::string Decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const first = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(first, first + 2, byte, 16).ptr == first + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The value of `name` in the query of a pasted redirect; empty when it has none.
std::string QueryValue(const std::string& url, const std::string& name) {
  std::stringstream query{url.substr(std::min(url.find('?'), url.size() - 1) + 1)};
  for (std::string part; std::getline(query, part, '&');) {
    part = part.substr(0, part.find('#'));
    if (part.starts_with(name + "=")) return Decoded(part.substr(name.size() + 1));
  }
  return {};
}

std::string Trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The commands that deal with auth.
class Login {
 public:
  Login(const Session& session, const std::shared_ptr<grpc::Channel>& channel)
      : session_{session}, stub_{pb::AuthService::NewStub(channel)} {}

  int Browse(const LoginOptions& options) {
    const auto now = Status();
    if (!now) return session_.Fail("login", now.error());
    if (IsLoggedIn(*now)) {
      session_.io.err << "already logged in; `saudactl logout` ends that session\n";
      return Done(*now);
    }
    pb::BeginLoginRequest request;
    request.set_account_id(session_.account);
    pb::BeginLoginResponse begun;
    const auto asked = session_.Call(session_.timeout(), [&](grpc::ClientContext& context) {
      return stub_->BeginLogin(&context, request, &begun);
    });
    if (!asked) return session_.Fail("login", asked.error());
    session_.io.err << "Open this in a browser and log in at the broker:\n\n  " << begun.login_url()
                    << "\n\n";
    if (options.code) return TakeCode(begun.state());
    return session_.io.read_hidden_while ? PasteOrWait(begun.state(), options) : WaitForIt(options);
  }

  /// The login without a browser: the person consents in the broker's app.
  int Approve(const LoginOptions& options) {
    const auto now = Status();
    if (!now) return session_.Fail("login", now.error());
    if (IsLoggedIn(*now)) {
      session_.io.err << "already logged in; `saudactl logout` ends that session\n";
      return Done(*now);
    }
    pb::RequestApprovalRequest request;
    request.set_account_id(session_.account);
    request.set_again(options.again);
    pb::RequestApprovalResponse asked;
    const auto called = session_.Call(kBrokerCallLimit, [&](grpc::ClientContext& context) {
      return stub_->RequestApproval(&context, request, &asked);
    });
    if (!called) return session_.Fail("login", called.error());
    std::ostream& err = session_.io.err;
    if (asked.pending_before()) {
      err << "a request is pending already; if it was rejected, --again asks once more\n";
    }
    if (asked.notifier_differs()) {
      err << "WARNING: the app's notifier URL at the broker does not end in UPSTOX_NOTIFIER_KEY, "
             "so the token may not come\n";
    }
    err << "Consent in the broker's app or its WhatsApp message, before "
        << IstTime(asked.expires_ms()) << " IST\n";
    return WaitForIt(options);
  }

  int Submit(const Secret& token, pb::TokenKind kind) {
    pb::SubmitTokenRequest request;
    request.set_account_id(session_.account);
    request.set_access_token(token.Reveal());
    request.set_kind(kind);
    pb::TokenStatus status;
    const auto asked = session_.Call(kBrokerCallLimit, [&](grpc::ClientContext& context) {
      return stub_->SubmitToken(&context, request, &status);
    });
    return asked ? Done(status) : session_.Fail("login", asked.error());
  }

  int Logout() {
    pb::LogoutRequest request;
    request.set_account_id(session_.account);
    pb::TokenStatus status;
    const auto asked = session_.Call(kBrokerCallLimit, [&](grpc::ClientContext& context) {
      return stub_->Logout(&context, request, &status);
    });
    if (!asked) return session_.Fail("logout", asked.error());
    if (session_.json) {
      session_.io.out << Dump(ToJson(status), true) << '\n';
    } else {
      session_.io.out << "logged out\n";
    }
    return kOk;
  }

 private:
  Result<pb::TokenStatus> Status() {
    pb::GetStatusRequest request;
    request.set_account_id(session_.account);
    pb::TokenStatus status;
    const auto asked = session_.Call(session_.timeout(), [&](grpc::ClientContext& context) {
      return stub_->GetStatus(&context, request, &status);
    });
    if (!asked) return asked.error();
    return status;
  }

  /// The redirect went nowhere useful: the person copies it, or the code in it.
  int TakeCode(const std::string& state) {
    return Complete(state, Secret{session_.io.read_hidden(kPastePrompt).value_or("")});
  }

  int Complete(const std::string& state, const Secret& line) {
    const Secret pasted{Trimmed(line.Reveal())};
    const std::string& text = pasted.Reveal();
    const bool is_address =
        text.find("://") != std::string::npos || text.find("code=") != std::string::npos;
    pb::CompleteLoginRequest request;
    request.set_code(is_address ? QueryValue(text, "code") : text);
    request.set_state(is_address ? QueryValue(text, "state") : state);
    pb::TokenStatus status;
    const auto asked = session_.Call(kBrokerCallLimit, [&](grpc::ClientContext& context) {
      return stub_->CompleteLogin(&context, request, &status);
    });
    return asked ? Done(status) : session_.Fail("login", asked.error());
  }

  /// Whichever comes first: the gateway's callback ends the login, or the person pastes what the
  /// redirect brought.
  int PasteOrWait(const std::string& state, const LoginOptions& options) {
    const auto deadline = DeadlineOf(options);
    session_.io.err << "waiting up to " << Span(options.wait_seconds) << "; Ctrl-C gives up\n";
    std::optional<Result<pb::TokenStatus>> seen;
    bool over = false;
    const auto go_on = [&] {
      over = std::chrono::steady_clock::now() >= deadline;
      auto now = Status();
      if (!now || IsLoggedIn(*now)) seen = std::move(now);
      return !over && !seen;
    };
    while (!over && !seen) {
      const auto line = session_.io.read_hidden_while(kPastePrompt, go_on);
      if (line && !Trimmed(*line).empty()) return Complete(state, Secret{*line});
      if (!line) break;
    }
    if (!seen) return over ? TooLate(options) : Await(deadline, options);  // the input has ended
    return *seen ? Done(**seen) : session_.Fail("login", seen->error());
  }

  /// The gateway's callback or notifier ends the login; this only looks whether it has.
  int WaitForIt(const LoginOptions& options) {
    session_.io.err << "waiting up to " << Span(options.wait_seconds) << "; Ctrl-C gives up\n";
    return Await(DeadlineOf(options), options);
  }

  int Await(std::chrono::steady_clock::time_point deadline, const LoginOptions& options) {
    while (std::chrono::steady_clock::now() < deadline) {
      const auto now = Status();
      if (!now) return session_.Fail("login", now.error());
      if (IsLoggedIn(*now)) return Done(*now);
      std::this_thread::sleep_for(kPollEvery);  // a poll of a person's progress, not of an order
    }
    return TooLate(options);
  }

  static std::chrono::steady_clock::time_point DeadlineOf(const LoginOptions& options) {
    return std::chrono::steady_clock::now() + std::chrono::seconds{options.wait_seconds};
  }

  int TooLate(const LoginOptions& options) const {
    return session_.Fail("login", {Code::kUnauthenticated, "TOKEN_MISSING",
                                   "nobody logged in within " + Span(options.wait_seconds)});
  }

  int Done(const pb::TokenStatus& status) const {
    if (session_.json) {
      session_.io.out << Dump(ToJson(status), true) << '\n';
    } else {
      session_.io.out << (status.simulated() ? "SIMULATED " : "") << "logged in as "
                      << Printable(status.broker_user_id()) << " until "
                      << IstTime(status.expires_ms()) << " IST\n";
    }
    return kOk;
  }

  const Session& session_;
  std::unique_ptr<pb::AuthService::Stub> stub_;
};

/// The token from the file or the prompt; empty when there is none.
Secret TokenFrom(const Session& session, const LoginOptions& options) {
  if (options.token_file.empty()) {
    return Secret{Trimmed(session.io.read_hidden("access token: ").value_or(""))};
  }
  std::ifstream file{options.token_file};
  std::stringstream text;
  text << file.rdbuf();
  return Secret{Trimmed(text.str())};
}

int RunLogin(const Session& session, const LoginOptions& options) {
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail("login", channel.error());
  Login login{session, *channel};
  if (options.approve) return login.Approve(options);
  if (!options.token && options.token_file.empty()) return login.Browse(options);
  const Secret token = TokenFrom(session, options);
  if (token.empty()) {
    return session.Fail("login", {Code::kInvalidArgument, "TOKEN_MALFORMED", "no token was given"});
  }
  return login.Submit(token, options.kind);
}

}  // namespace

void AddAuthCommands(CLI::App& app, Session& session) {
  const auto options = std::make_shared<LoginOptions>();
  auto* const login = app.add_subcommand("login", "log in at the broker");
  auto* const token =
      login->add_flag("--token", options->token, "take a token from standard input");
  auto* const file =
      login->add_option("--token-file", options->token_file, "take a token from a file")
          ->check(CLI::ExistingFile)
          ->excludes(token);
  login
      ->add_option("--kind", options->kind,
                   "what the token is: access, extended or analytics (the latter two read only)")
      ->transform(CLI::CheckedTransformer{
          std::map<std::string, pb::TokenKind>{{"access", pb::TOKEN_KIND_ACCESS},
                                               {"extended", pb::TOKEN_KIND_EXTENDED},
                                               {"analytics", pb::TOKEN_KIND_ANALYTICS}}})
      ->default_str("access");
  auto* const code = login
                         ->add_flag("--code", options->code,
                                    "take the code, or the address with it, from standard input")
                         ->excludes(token)
                         ->excludes(file);
  auto* const approve = login
                            ->add_flag("--approve", options->approve,
                                       "ask for consent in the broker's app instead of a browser")
                            ->excludes(token)
                            ->excludes(file)
                            ->excludes(code);
  login->add_flag("--again", options->again, "ask anew although a request is pending")
      ->needs(approve);
  login->add_option("--wait", options->wait_seconds, "seconds to wait for the browser")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  login->callback([&session, options] {
    session.action = [&session, options] { return RunLogin(session, *options); };
  });
  app.add_subcommand("logout", "end the session at the broker and forget the token")
      ->callback([&session] {
        session.action = [&session] {
          const auto channel = session.Connect(session.addresses.auth);
          if (!channel) return session.Fail("logout", channel.error());
          return Login{session, *channel}.Logout();
        };
      });
}

}  // namespace sauda::cli
