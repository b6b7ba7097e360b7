#include "services/auth/src/core/logins.hpp"

#include <algorithm>
#include <utility>

namespace sauda::auth {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

Error KeyWrong(const std::vector<TokenKind>& unopened) {
  std::string kinds;
  for (const TokenKind kind : unopened)
    kinds += (kinds.empty() ? "" : ", ") + std::string{NameOf(kind)};
  return {Code::kFailedPrecondition, "VAULT_KEY_WRONG",
          "the vault has tokens that were sealed with another key (" + kinds +
              "): give that key, or log out and in again"};
}

}  // namespace

Result<std::string> Logins::Resolve(const std::string& account_id) const {
  const auto& accounts = options_.accounts;
  if (account_id.empty() && accounts.size() == 1) return accounts.front();
  if (std::find(accounts.begin(), accounts.end(), account_id) != accounts.end()) return account_id;
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN",
               account_id.empty() ? "there are several accounts: name one"
                                  : "no account is named \"" + account_id + "\""};
}

Result<StartedLogin> Logins::Begin(const std::string& account_id) {
  const auto account = Resolve(account_id);
  if (!account) return account.error();
  StartedLogin login{.login_url = {},
                     .state = parts_.states.Next(),
                     .expires_ms = parts_.clock.UtcNs() / kNsPerMs + options_.state_life.count()};
  auto url = parts_.broker.DialogUrl(login.state);
  if (!url) return url.error();
  login.login_url = std::move(*url);
  const auto kept = parts_.vault.KeepState(login.state, *account, options_.state_life);
  if (!kept) return kept.error();
  return login;
}

Result<LoginStatus> Logins::Complete(const std::string& state, const Secret& code) {
  if (state.empty()) {
    return Error{Code::kInvalidArgument, "STATE_MISSING",
                 "the redirect has no state: start the login here, not at the broker"};
  }
  if (code.empty()) {
    return Error{Code::kInvalidArgument, "CODE_MISSING",
                 "the redirect has no code: the login was not approved"};
  }
  std::unique_lock lock{flights_mutex_};
  if (const auto found = flights_.find(state); found != flights_.end()) {
    const auto flight = found->second;  // a browser that asks twice exchanges once
    if (flight->code == code) {
      landed_.wait(lock, [&] { return flight->result.has_value(); });
      return *flight->result;
    }
  }
  const auto flight = std::make_shared<Flight>(Flight{.code = code, .result = {}});
  const bool first = flights_.emplace(state, flight).second;
  lock.unlock();
  auto result = CompleteOnce(state, code);
  lock.lock();
  flight->result = result;
  if (first) flights_.erase(state);
  landed_.notify_all();
  return result;
}

Result<LoginStatus> Logins::CompleteOnce(const std::string& state, const Secret& code) {
  const auto account = parts_.vault.TakeState(state);
  if (!account) return account.error();
  if (!*account || !Resolve(**account)) {
    return Error{Code::kUnauthenticated, "STATE_UNKNOWN",
                 "this login was not started here, was used before, or is too old: start another"};
  }
  auto session = parts_.broker.Exchange(code);
  if (!session) return session.error();
  const auto now_ms = MarketNowMs();
  if (!now_ms) return now_ms.error();
  if (session->extended_token) {
    const auto expires_ms = ExpiryOf(*session->extended_token, TokenKind::kExtended, *now_ms);
    const auto kept = Keep(**account, {.text = std::move(*session->extended_token),
                                       .kind = TokenKind::kExtended,
                                       .broker_user_id = session->user_id,
                                       .expires_ms = expires_ms,
                                       .simulated = session->simulated});
    if (!kept) return kept.error();
  }
  const auto expires_ms = ExpiryOf(session->access_token, TokenKind::kAccess, *now_ms);
  const auto kept = Keep(**account, {.text = std::move(session->access_token),
                                     .kind = TokenKind::kAccess,
                                     .broker_user_id = session->user_id,
                                     .expires_ms = expires_ms,
                                     .simulated = session->simulated});
  if (!kept) return kept.error();
  return Status(**account);
}

Result<LoginStatus> Logins::Submit(const std::string& account_id, const Secret& token,
                                   TokenKind kind) {
  const auto account = Resolve(account_id);
  if (!account) return account.error();
  if (!IsWellFormed(token)) {
    return Error{Code::kInvalidArgument, "TOKEN_MALFORMED",
                 "this is no token: paste it whole, without quotes or spaces"};
  }
  // The broker is asked first: its answer also tells the simulator's time.
  const auto profile = parts_.broker.Profile(token);
  if (!profile) return profile.error();
  const auto now_ms = MarketNowMs();
  if (!now_ms) return now_ms.error();
  const auto expires_ms = ExpiryOf(token, kind, *now_ms);
  if (expires_ms <= *now_ms) {
    return Error{Code::kUnauthenticated, "TOKEN_EXPIRED", "this token has expired: get another"};
  }
  const auto kept = Keep(*account, {.text = token,
                                    .kind = kind,
                                    .broker_user_id = profile->user_id,
                                    .expires_ms = expires_ms,
                                    .simulated = profile->simulated});
  if (!kept) return kept.error();
  return Status(*account);
}

Result<Token> Logins::Get(const std::string& account_id, TokenUse use) {
  const auto account = Resolve(account_id);
  if (!account) return account.error();
  if (auto view = parts_.board.Look(*account, use); view && *view) return *view;
  // Another replica may have logged in since the last look.
  const auto refreshed = RefreshOne(*account);
  auto view = parts_.board.Look(*account, use);
  if (!view) return refreshed.error();
  if (!*view && view->error().reason == "LOGGED_OUT") {
    return Error{Code::kUnauthenticated, "TOKEN_MISSING", view->error().message};
  }
  return *view;
}

Result<LoginStatus> Logins::Logout(const std::string& account_id) {
  const auto account = Resolve(account_id);
  if (!account) return account.error();
  if (const auto refreshed = RefreshOne(*account);
      !refreshed && refreshed.error().reason != "VAULT_KEY_WRONG") {
    return refreshed.error();
  }
  const auto tokens = parts_.board.All(*account).value_or(std::vector<Token>{});
  {
    const std::lock_guard lock{refresh_mutex_};
    if (const auto erased = parts_.vault.Erase(*account); !erased) return erased.error();
    parts_.board.Update(*account, {});
  }
  const auto now_ms = parts_.market.NowMs();
  for (const Token& token : tokens) {
    // The others end in the broker's console only; a dead one needs no end.
    if (token.kind != TokenKind::kAccess || (now_ms && token.expires_ms <= *now_ms)) continue;
    if (const auto ended = parts_.broker.Logout(token.text); !ended) return ended.error();
  }
  return Describe(*account, {});
}

Result<LoginStatus> Logins::Status(const std::string& account_id) {
  const auto account = Resolve(account_id);
  if (!account) return account.error();
  auto tokens = parts_.board.All(*account);
  if (!tokens) {
    if (const auto refreshed = RefreshOne(*account); !refreshed) return refreshed.error();
    tokens = parts_.board.All(*account);
  }
  return Describe(*account, tokens.value_or(std::vector<Token>{}));
}

Result<void> Logins::Refresh() {
  Result<void> outcome;
  for (const auto& account : options_.accounts) {
    const auto unopened = RefreshOne(account);
    if (!unopened) {
      outcome = unopened.error();
    } else if (!unopened->empty()) {
      outcome = KeyWrong(*unopened);
    }
  }
  parts_.board.Publish();
  return outcome;
}

Result<std::vector<TokenKind>> Logins::RefreshOne(const std::string& account_id) {
  const std::lock_guard lock{refresh_mutex_};
  auto account = parts_.vault.Read(account_id);
  if (!account) return account.error();
  if (!account->known) {
    // A vault that lost everything gets back what is in memory: nobody has logged out.
    const auto tokens = parts_.board.All(account_id).value_or(std::vector<Token>{});
    for (const Token& token : tokens) {
      const auto written = parts_.vault.Write(account_id, token);
      if (!written) return written.error();
    }
    if (!tokens.empty()) account = parts_.vault.Read(account_id);
    if (!account) return account.error();
  }
  // What does not open may be newer or not: the token in hand goes on until somebody logs in.
  for (const Token& token : parts_.board.All(account_id).value_or(std::vector<Token>{})) {
    const auto& closed = account->unopened;
    const bool kept = std::find(closed.begin(), closed.end(), token.kind) != closed.end();
    if (kept) account->tokens.push_back(token);
  }
  parts_.board.Update(account_id, std::move(account->tokens));
  return std::move(account->unopened);
}

Result<void> Logins::Keep(const std::string& account_id, Token token) {
  token.simulated = token.simulated || options_.simulated;
  {
    const std::lock_guard lock{refresh_mutex_};
    if (const auto written = parts_.vault.Write(account_id, token); !written) {
      return written.error();
    }
  }
  if (const auto refreshed = RefreshOne(account_id); !refreshed) return refreshed.error();
  return {};
}

Result<std::int64_t> Logins::MarketNowMs() const {
  if (const auto now_ms = parts_.market.NowMs()) return *now_ms;
  return Error{Code::kUnavailable, "CLOCK_UNKNOWN", "the simulator did not tell its time"};
}

LoginStatus Logins::Describe(const std::string& account_id,
                             const std::vector<Token>& tokens) const {
  LoginStatus status{.account_id = account_id, .simulated = options_.simulated};
  const auto now_ms = parts_.market.NowMs();
  for (const TokenKind kind : kTokenKinds) {  // the first that is valid, else the first
    const auto token = std::find_if(tokens.begin(), tokens.end(),
                                    [&](const Token& each) { return each.kind == kind; });
    if (token == tokens.end()) continue;
    // Without the simulator's time a token counts as alive: GetToken knows better than to say so.
    const bool valid = !now_ms || *now_ms < token->expires_ms;
    if (status.kind && !valid) continue;
    status.state = valid ? LoginStatus::State::kLoggedIn : LoginStatus::State::kExpired;
    status.kind = kind;
    status.broker_user_id = token->broker_user_id;
    status.expires_ms = token->expires_ms;
    status.simulated = options_.simulated || token->simulated;
    status.seconds_to_expiry = valid && now_ms ? (token->expires_ms - *now_ms) / 1'000 : 0;
    if (valid) break;
  }
  return status;
}

}  // namespace sauda::auth
