#include "services/auth/src/core/approvals.hpp"

#include <algorithm>
#include <utility>

#include "libs/calendar/ist.hpp"

namespace sauda::auth {
namespace {

bool IsBearer(const std::string& type) {
  constexpr std::string_view kBearer = "bearer";
  return std::equal(type.begin(), type.end(), kBearer.begin(), kBearer.end(),
                    [](char given, char known) {
                      return (given >= 'A' && given <= 'Z' ? given - 'A' + 'a' : given) == known;
                    });
}

Error Mismatch(const std::string& what) {
  return {Code::kPermissionDenied, "NOTICE_MISMATCH",
          "the notice is not for this account: " + what};
}

}  // namespace

Result<StartedApproval> Approvals::Request(const std::string& account_id, bool again) {
  const auto account = parts_.accounts.Resolve(account_id);
  if (!account) return account.error();
  if ((*account)->notifier_key.empty()) {
    return Error{Code::kFailedPrecondition, "NOTIFIER_MISSING",
                 "without UPSTOX_NOTIFIER_KEY no approved token could come: set it, and register "
                 "<gateway>/api/integrations/upstox/notifier/<key> as the app's notifier URL"};
  }
  const auto now_ms = parts_.market.NowMs();
  if (!now_ms) {
    return Error{Code::kUnavailable, "CLOCK_UNKNOWN", "the simulator did not tell its time"};
  }
  const std::string& id = (*account)->id;
  Approval mine{.id = parts_.states.Next(),
                .requested_ms = *now_ms,
                .expires_ms = calendar::NextTokenExpiryMs(*now_ms)};
  const auto kept = parts_.vault.KeepApproval(id, mine, *now_ms, again);
  if (!kept) return kept.error();
  if (kept->id != mine.id) {
    return StartedApproval{.account_id = id, .expires_ms = kept->expires_ms, .fresh = false};
  }
  const auto answer = (*account)->broker->RequestApproval();
  if (!answer) {
    if (auto dropped = parts_.vault.DropApproval(id, mine.id); !dropped) return dropped.error();
    return answer.error();
  }
  if (answer->expires_ms > *now_ms && answer->expires_ms < mine.expires_ms) {
    mine.expires_ms = answer->expires_ms;
    if (auto shorter = parts_.vault.KeepApproval(id, mine, *now_ms, true); !shorter) {
      return shorter.error();
    }
  }
  return StartedApproval{
      .account_id = id,
      .expires_ms = mine.expires_ms,
      .reaches_us = answer->notifier_url.ends_with("/" + (*account)->notifier_key.Reveal())};
}

Result<LoginStatus> Approvals::Deliver(const ApprovalNotice& notice) {
  const Account* const account = parts_.accounts.OfNotifier(notice.notifier_key);
  if (account == nullptr)
    return Error{Code::kNotFound, "NOTIFIER_UNKNOWN", "there is no such path"};
  if (notice.message_type != "access_token" || !IsBearer(notice.token_type) ||
      !IsWellFormed(notice.access_token)) {
    return Error{Code::kInvalidArgument, "NOTICE_MALFORMED",
                 "expected message_type access_token, token_type Bearer and an access_token"};
  }
  if (notice.client_id != account->client_id) return Mismatch("it names another client_id");
  if (notice.user_id.empty()) return Mismatch("it names no user_id");
  if (auto checked = Accounts::CheckUser(*account, notice.user_id); !checked) {
    return checked.error();
  }
  const std::lock_guard lock{mutex_};
  const auto pending = Pending(*account);
  if (!pending) {
    // The broker that missed our answer sends the notice again.
    if (IsCurrent(*account, notice.access_token)) return parts_.logins.Status(account->id);
    return pending.error();
  }
  auto taken = Prove(*account, *pending, notice);
  if (!taken && taken.error().code == Code::kUnavailable) {
    unproven_.insert_or_assign(account->id, notice);
  }
  return taken;
}

std::vector<Result<LoginStatus>> Approvals::Retry() {
  std::vector<Result<LoginStatus>> ended;
  const std::lock_guard lock{mutex_};
  for (auto each = unproven_.begin(); each != unproven_.end();) {
    const auto account = parts_.accounts.Resolve(each->first);
    const auto pending = Pending(**account);  // the name came from there
    auto taken =
        pending ? Prove(**account, *pending, each->second) : Result<LoginStatus>{pending.error()};
    if (!taken && taken.error().code == Code::kUnavailable) {
      ++each;
      continue;
    }
    ended.push_back(std::move(taken));
    each = unproven_.erase(each);
  }
  return ended;
}

Result<LoginStatus> Approvals::Prove(const Account& account, const Approval& pending,
                                     const ApprovalNotice& notice) {
  const auto profile = account.broker->Prove(notice.access_token, TokenKind::kAccess);
  if (!profile) return profile.error();
  if (profile->user_id != notice.user_id) return Mismatch("the token is another user's");
  auto status = parts_.logins.Take(account, notice.access_token, TokenKind::kAccess, *profile);
  if (!status) return status;
  if (auto dropped = parts_.vault.DropApproval(account.id, pending.id); !dropped) {
    return dropped.error();
  }
  return status;
}

Result<Approval> Approvals::Pending(const Account& account) {
  const auto now_ms = parts_.market.NowMs();
  if (!now_ms) {
    return Error{Code::kUnavailable, "CLOCK_UNKNOWN", "the simulator did not tell its time"};
  }
  auto pending = parts_.vault.ReadApproval(account.id);
  if (!pending) return pending.error();
  if (*pending && *now_ms < (*pending)->expires_ms) return std::move(**pending);
  return Error{Code::kFailedPrecondition, "NO_REQUEST_PENDING",
               "account " + account.id +
                   " has asked for no token, or its request died at 03:30 IST: ask again, e.g. "
                   "with `saudactl login --approve`"};
}

bool Approvals::IsCurrent(const Account& account, const Secret& token) const {
  const auto view = parts_.board.Look(account.id, TokenUse::kOrders);
  return view && *view && (*view)->text == token;
}

}  // namespace sauda::auth
