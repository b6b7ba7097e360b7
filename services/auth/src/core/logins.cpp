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
  const auto account = parts_.accounts.Resolve(account_id);
  if (!account) return account.error();
  return (*account)->id;
}

Result<StartedLogin> Logins::Begin(const std::string& account_id) {
  const auto account = parts_.accounts.Resolve(account_id);
  if (!account) return account.error();
  StartedLogin login{.login_url = {},
                     .state = parts_.states.Next(),
                     .expires_ms = parts_.clock.UtcNs() / kNsPerMs + options_.state_life.count()};
  auto url = (*account)->broker->DialogUrl(login.state);
  if (!url) return url.error();
  login.login_url = std::move(*url);
  const auto kept = parts_.vault.KeepState(login.state, (*account)->id, options_.state_life);
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
  const auto account_id = parts_.vault.TakeState(state);
  if (!account_id) return account_id.error();
  const auto account = parts_.accounts.Resolve(account_id->value_or("of no state"));
  if (!*account_id || !account) {
    return Error{Code::kUnauthenticated, "STATE_UNKNOWN",
                 "this login was not started here, was used before, or is too old: start another"};
  }
  const auto session = (*account)->broker->Exchange(code);
  if (!session) return session.error();
  const BrokerProfile profile{.user_id = session->user_id, .simulated = session->simulated};
  if (session->extended_token) {
    const auto kept = Take(**account, *session->extended_token, TokenKind::kExtended, profile);
    // One that is over already is of no use, and no reason to refuse the login.
    if (!kept && kept.error().reason != "TOKEN_EXPIRED") return kept.error();
  }
  return Take(**account, session->access_token, TokenKind::kAccess, profile);
}

Result<LoginStatus> Logins::Submit(const std::string& account_id, const Secret& token,
                                   TokenKind kind) {
  const auto account = parts_.accounts.Resolve(account_id);
  if (!account) return account.error();
  if (!IsWellFormed(token)) {
    return Error{Code::kInvalidArgument, "TOKEN_MALFORMED",
                 "this is no token: paste it whole, without quotes or spaces"};
  }
  // The broker is asked first: its answer also tells the simulator's time.
  const auto profile = (*account)->broker->Prove(token, kind);
  if (!profile) return profile.error();
  return Take(**account, token, kind, *profile);
}

Result<LoginStatus> Logins::Take(const Account& account, const Secret& token, TokenKind kind,
                                 const BrokerProfile& profile) {
  if (auto checked = Accounts::CheckUser(account, profile.user_id); !checked) {
    return checked.error();
  }
  const auto now_ms = MarketNowMs();
  if (!now_ms) return now_ms.error();
  const auto expires_ms = ExpiryOf(token, kind, *now_ms);
  if (expires_ms <= *now_ms) {
    return Error{Code::kUnauthenticated, "TOKEN_EXPIRED", "this token has expired: get another"};
  }
  const auto kept = Keep(account.id, {.text = token,
                                      .kind = kind,
                                      .broker_user_id = profile.user_id,
                                      .expires_ms = expires_ms,
                                      .simulated = profile.simulated});
  if (!kept) return kept.error();
  return Status(account.id);
}

Result<Token> Logins::Get(const std::string& account_id, TokenUse use) {
  const auto account = Resolve(account_id);
  if (!account) return account.error();
  if (auto view = parts_.board.Look(*account, use); view && *view) return *view;
  // Another replica may have logged in since the last look.
  const auto refreshed = RefreshShared(*account);
  auto view = parts_.board.Look(*account, use);
  if (!view) return refreshed.error();
  if (!*view && view->error().reason == "LOGGED_OUT") {
    return Error{Code::kUnauthenticated, "TOKEN_MISSING", view->error().message};
  }
  return *view;
}

Result<LoginStatus> Logins::Logout(const std::string& account_id) {
  const auto account = parts_.accounts.Resolve(account_id);
  if (!account) return account.error();
  const std::string& id = (*account)->id;
  if (const auto refreshed = RefreshOne(id);
      !refreshed && refreshed.error().reason != "VAULT_KEY_WRONG") {
    return refreshed.error();
  }
  const auto tokens = parts_.board.All(id).value_or(std::vector<Token>{});
  {
    const std::lock_guard lock{refresh_mutex_};
    if (const auto erased = parts_.vault.Erase(id); !erased) return erased.error();
    parts_.board.Update(id, {});
  }
  const auto now_ms = parts_.market.NowMs();
  for (const Token& token : tokens) {
    // The others end in the broker's console only; a dead one needs no end.
    if (token.kind != TokenKind::kAccess || (now_ms && token.expires_ms <= *now_ms)) continue;
    const auto ended = (*account)->broker->Logout(token.text);
    if (!ended) return ended.error();
  }
  return Describe(id, {});
}

Result<LoginStatus> Logins::Status(const std::string& account_id) {
  const auto account = Resolve(account_id);
  if (!account) return account.error();
  auto tokens = parts_.board.All(*account);
  if (!tokens) {
    if (const auto refreshed = RefreshShared(*account); !refreshed) return refreshed.error();
    tokens = parts_.board.All(*account);
  }
  return Describe(*account, tokens.value_or(std::vector<Token>{}));
}

Result<void> Logins::Refresh() {
  Result<void> outcome;
  for (const Account& account : parts_.accounts.all()) {
    const auto unopened = RefreshOne(account.id);
    if (!unopened) {
      outcome = unopened.error();
    } else if (!unopened->empty()) {
      outcome = KeyWrong(*unopened);
    }
  }
  parts_.board.Publish();
  return outcome;
}

Result<std::vector<TokenKind>> Logins::RefreshShared(const std::string& account_id) {
  std::unique_lock lock{flights_mutex_};
  Reads& reads = reads_[account_id];
  const std::uint64_t wanted = reads.begun + 1;
  while (reads.done < wanted) {
    if (reads.running) {
      landed_.wait(lock);
      continue;
    }
    reads.running = true;
    const std::uint64_t mine = ++reads.begun;
    lock.unlock();
    auto outcome = RefreshOne(account_id);
    lock.lock();
    reads.running = false;
    reads.done = mine;
    reads.outcome = std::move(outcome);
    landed_.notify_all();
  }
  return reads.outcome;
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
