#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"
#include "services/auth/src/core/ports.hpp"

namespace sauda::auth {

/// One broker user of this install: its name here, and how it logs in.
struct Account {
  std::string id = "main";
  BrokerLogin* broker = nullptr;  ///< under this account's own credentials; outlives it
  std::string client_id;          ///< the app's API key, which the broker's notices name
  std::string broker_user_id;     ///< the only user whose logins are taken; empty: any
  Secret notifier_key;            ///< in the path that the broker's notices come to; empty: none do
};

/// The accounts that were configured. Does not change; any thread may call.
class Accounts {
 public:
  explicit Accounts(std::vector<Account> accounts) : accounts_{std::move(accounts)} {}

  const std::vector<Account>& all() const { return accounts_; }

  /// An empty id means the only account. Fails with kNotFound / ACCOUNT_UNKNOWN.
  Result<const Account*> Resolve(const std::string& account_id) const;

  /// The account whose notices come to this key, compared in constant time; null without one.
  const Account* OfNotifier(const Secret& key) const;

  /// Refuses the login of another broker user than the account is for, with kPermissionDenied /
  /// WRONG_USER. A token that does not say whose it is (`user_id` empty) is taken.
  static Result<void> CheckUser(const Account& account, const std::string& user_id);

 private:
  const std::vector<Account> accounts_;
};

}  // namespace sauda::auth
