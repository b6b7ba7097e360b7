#include "services/auth/src/core/token_board.hpp"

#include <algorithm>
#include <utility>

namespace sauda::auth {
namespace {

bool Fits(TokenKind kind, TokenUse use) {
  return use == TokenUse::kMarketData || kind == TokenKind::kAccess;
}

Error Gone(const char* reason, const std::string& account_id, const std::string& why) {
  return {Code::kUnauthenticated, reason,
          "account " + account_id + " " + why + ": log in again, e.g. with `saudactl login`"};
}

bool Same(const TokenBoard::View& a, const TokenBoard::View& b) {
  if (a.has_value() != b.has_value()) return false;
  return a ? *a == *b : a.error() == b.error();
}

}  // namespace

void TokenBoard::Update(const std::string& account_id, std::vector<Token> tokens) {
  const std::lock_guard lock{mutex_};
  Account& account = accounts_[account_id];
  account.had_token = account.had_token || !account.tokens.empty() || !tokens.empty();
  account.tokens = std::move(tokens);
  PublishLocked();
}

void TokenBoard::Publish() {
  const std::lock_guard lock{mutex_};
  PublishLocked();
}

std::optional<TokenBoard::View> TokenBoard::Look(const std::string& account_id,
                                                 TokenUse use) const {
  const std::lock_guard lock{mutex_};
  return LookLocked(account_id, use);
}

std::optional<std::vector<Token>> TokenBoard::All(const std::string& account_id) const {
  const std::lock_guard lock{mutex_};
  const auto account = accounts_.find(account_id);
  if (account == accounts_.end()) return std::nullopt;
  return account->second.tokens;
}

TokenBoard::WatchId TokenBoard::Watch(const std::string& account_id, TokenUse use,
                                      Listener listener) {
  const std::lock_guard lock{mutex_};
  watchers_[++last_id_] = {
      .account_id = account_id, .use = use, .listener = std::move(listener), .last = {}};
  PublishLocked();
  return last_id_;
}

void TokenBoard::Unwatch(WatchId id) {
  const std::lock_guard lock{mutex_};
  watchers_.erase(id);
}

std::size_t TokenBoard::watchers() const {
  const std::lock_guard lock{mutex_};
  return watchers_.size();
}

std::optional<TokenBoard::View> TokenBoard::LookLocked(const std::string& account_id,
                                                       TokenUse use) const {
  const auto found = accounts_.find(account_id);
  if (found == accounts_.end()) return std::nullopt;
  const Account& account = found->second;
  const auto now_ms = clock_.NowMs();
  bool any = false;
  for (const TokenKind kind : kTokenKinds) {
    const auto token = std::find_if(account.tokens.begin(), account.tokens.end(),
                                    [&](const Token& each) { return each.kind == kind; });
    if (token == account.tokens.end() || !Fits(kind, use)) continue;
    if (!now_ms) {
      return Error{Code::kUnavailable, "CLOCK_UNKNOWN",
                   "the simulator has not told its time yet, so no token can be called valid"};
    }
    if (*now_ms < token->expires_ms) return *token;
    any = true;
  }
  if (any) return Gone("TOKEN_EXPIRED", account_id, "has a token that has expired");
  if (account.had_token && account.tokens.empty()) {
    return Gone("LOGGED_OUT", account_id, "was logged out");
  }
  return Gone("TOKEN_MISSING", account_id, "has no token for this");
}

void TokenBoard::PublishLocked() {
  for (auto& [id, watcher] : watchers_) {
    auto view = LookLocked(watcher.account_id, watcher.use);
    if (!view || (!*view && view->error().code == Code::kUnavailable)) continue;  // not known yet
    if (watcher.last && Same(*watcher.last, *view)) continue;
    watcher.last = std::move(view);
    watcher.listener(*watcher.last);
  }
}

}  // namespace sauda::auth
