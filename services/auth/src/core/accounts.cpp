#include "services/auth/src/core/accounts.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace sauda::auth {
namespace {

/// Takes as long for every text of the same length, so that a guess teaches nothing.
bool SameInConstantTime(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    different |= static_cast<unsigned>(a[i] ^ b[i]);
  }
  return different == 0;
}

}  // namespace

Result<const Account*> Accounts::Resolve(const std::string& account_id) const {
  if (account_id.empty() && accounts_.size() == 1) return &accounts_.front();
  const auto found = std::find_if(accounts_.begin(), accounts_.end(),
                                  [&](const Account& each) { return each.id == account_id; });
  if (found != accounts_.end()) return &*found;
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN",
               account_id.empty() ? "there are several accounts: name one"
                                  : "no account is named \"" + account_id + "\""};
}

const Account* Accounts::OfNotifier(const Secret& key) const {
  const Account* found = nullptr;
  for (const Account& account : accounts_) {
    if (account.notifier_key.empty()) continue;
    if (SameInConstantTime(account.notifier_key.Reveal(), key.Reveal())) found = &account;
  }
  return found;
}

Result<void> Accounts::CheckUser(const Account& account, const std::string& user_id) {
  if (account.broker_user_id.empty() || user_id.empty() || user_id == account.broker_user_id) {
    return {};
  }
  return Error{Code::kPermissionDenied, "WRONG_USER",
               "account " + account.id + " is for the broker's user " + account.broker_user_id +
                   ", and this login is " + user_id + "'s: log in as that user"};
}

}  // namespace sauda::auth
