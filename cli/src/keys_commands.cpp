#include <chrono>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "libs/base/secret.hpp"
#include "sauda/auth/v1alpha1/keys.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = auth::v1alpha1;

constexpr std::int32_t kPageSize = 1'000;
constexpr std::int64_t kMsPerDay = 86'400'000;

struct CreateOptions {
  std::string name;
  std::vector<std::string> scopes;
  std::vector<std::string> accounts;
  std::int64_t days = 365;
};

struct ListOptions {
  bool all = false;
};

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

pb::Scope ScopeOf(const std::string& word) {
  if (word == "read") return pb::SCOPE_READ;
  if (word == "trade") return pb::SCOPE_TRADE;
  return pb::SCOPE_ADMIN;  // the command line takes no other word
}

std::string ScopesText(const pb::Key& key) {
  std::string text;
  for (const int scope : key.scopes()) {
    if (!text.empty()) text += ',';
    text += scope == pb::SCOPE_READ ? "read" : scope == pb::SCOPE_TRADE ? "trade" : "admin";
  }
  return text;
}

std::string AccountsText(const pb::Key& key) {
  std::string text;
  for (const auto& account : key.accounts()) text += (text.empty() ? "" : ",") + account;
  return text.empty() ? "all" : Printable(text);
}

std::string StateText(const pb::Key& key) {
  if (key.revoked_ms() != 0) return "revoked";
  return key.expires_ms() != 0 && key.expires_ms() <= NowMs() ? "expired" : "active";
}

int RunCreate(const Session& session, const CreateOptions& options) {
  constexpr auto kDoing = "keys create";
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail(kDoing, channel.error());
  pb::CreateKeyRequest request;
  request.set_name(options.name);
  for (const auto& word : options.scopes) request.add_scopes(ScopeOf(word));
  for (const auto& account : options.accounts) request.add_accounts(account);
  if (options.days > 0) request.set_expires_ms(NowMs() + options.days * kMsPerDay);
  pb::CreateKeyResponse created;
  const auto asked = session.Call(session.timeout(), [&](grpc::ClientContext& context) {
    return pb::KeysService::NewStub(*channel)->CreateKey(&context, request, &created);
  });
  if (!asked) return session.Fail(kDoing, asked.error());
  const Secret text{created.text()};
  if (session.json) {
    session.io.out << Dump(ToJson(created), true) << '\n';
    return kOk;
  }
  session.io.err << "key " << created.key().key_id() << ", " << ScopesText(created.key())
                 << ", accounts: " << AccountsText(created.key()) << ", until "
                 << (created.key().expires_ms() == 0 ? "it is revoked"
                                                     : IstTime(created.key().expires_ms()) + " IST")
                 << ". It is shown this once:\n";
  session.io.out << text.Reveal() << '\n';
  return kOk;
}

int RunList(const Session& session, const ListOptions& options) {
  constexpr auto kDoing = "keys ls";
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail(kDoing, channel.error());
  pb::ListKeysRequest request;
  request.set_page_size(kPageSize);
  pb::ListKeysResponse all;
  do {
    pb::ListKeysResponse page;
    const auto asked = session.Call(session.timeout(), [&](grpc::ClientContext& context) {
      return pb::KeysService::NewStub(*channel)->ListKeys(&context, request, &page);
    });
    if (!asked) return session.Fail(kDoing, asked.error());
    for (auto& key : *page.mutable_keys()) {
      if (options.all || StateText(key) == "active") all.add_keys()->Swap(&key);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (session.json) {
    session.io.out << Dump(ToJson(all), true) << '\n';
    return kOk;
  }
  Table table{{"id", "name", "scopes", "accounts", "state", "until (IST)", "last used (IST)"}};
  for (const pb::Key& key : all.keys()) {
    table.Add({key.key_id(), Printable(key.name()), ScopesText(key), AccountsText(key),
               StateText(key), IstTime(key.expires_ms()), IstTime(key.last_used_ms())});
  }
  table.Print(session.io.out);
  return kOk;
}

int RunRevoke(const Session& session, const std::string& key_id) {
  constexpr auto kDoing = "keys revoke";
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail(kDoing, channel.error());
  pb::RevokeKeyRequest request;
  request.set_key_id(key_id);
  pb::Key key;
  const auto asked = session.Call(session.timeout(), [&](grpc::ClientContext& context) {
    return pb::KeysService::NewStub(*channel)->RevokeKey(&context, request, &key);
  });
  if (!asked) return session.Fail(kDoing, asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(key), true) << '\n';
  } else {
    session.io.out << "revoked " << key.key_id() << " (" << Printable(key.name()) << ")\n";
  }
  return kOk;
}

}  // namespace

void AddKeysCommands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("keys", "API keys of Sauda's own clients");
  group->require_subcommand(1);

  const auto create_options = std::make_shared<CreateOptions>();
  auto* const create = group->add_subcommand("create", "make a key; it is shown once, on stdout");
  create->add_option("name", create_options->name, "whose it is")->required();
  create->add_option("--scopes", create_options->scopes, "what it may do: read, trade, admin")
      ->required()
      ->delimiter(',')
      ->check(CLI::IsMember({"read", "trade", "admin"}));
  create->add_option("--accounts", create_options->accounts, "those it may touch; default: all")
      ->delimiter(',');
  create->add_option("--days", create_options->days, "how long it is good for; 0: until revoked")
      ->check(CLI::Range(0, 3'650))
      ->capture_default_str();
  create->callback([&session, create_options] {
    session.action = [&session, create_options] { return RunCreate(session, *create_options); };
  });

  const auto list_options = std::make_shared<ListOptions>();
  auto* const list = group->add_subcommand("ls", "what keys there are");
  list->add_flag("--all", list_options->all, "revoked and expired ones too");
  list->callback([&session, list_options] {
    session.action = [&session, list_options] { return RunList(session, *list_options); };
  });

  const auto key_id = std::make_shared<std::string>();
  auto* const revoke = group->add_subcommand("revoke", "end a key, at once and for good");
  revoke->add_option("id", *key_id, "as `saudactl keys ls` shows it")->required();
  revoke->callback([&session, key_id] {
    session.action = [&session, key_id] { return RunRevoke(session, *key_id); };
  });
}

}  // namespace sauda::cli
