#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/auth/v1alpha1/vault.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = auth::v1alpha1;

constexpr std::chrono::milliseconds kRotationLimit{60'000};

int Rotate(const Session& session) {
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail("vault rotate", channel.error());
  const auto stub = pb::VaultService::NewStub(*channel);
  pb::RotateVaultResponse done;
  const auto asked = session.Call(kRotationLimit, [&](grpc::ClientContext& context) {
    return stub->RotateVault(&context, pb::RotateVaultRequest{}, &done);
  });
  if (!asked) return session.Fail("vault rotate", asked.error());
  std::ostream& out = session.io.out;
  if (session.json) {
    out << Dump(ToJson(done), true) << '\n';
  } else {
    out << done.resealed() << " tokens sealed anew, " << done.current()
        << " were sealed by the newest key, " << (done.key_ids_size() > 0 ? done.key_ids(0) : "-")
        << ", before\n";
    if (done.unopened() > 0) {
      out << done.unopened() << " COULD NOT BE OPENED: keep every old key, or log in again\n";
    } else if (done.key_ids_size() > 1) {
      out << "the " << done.key_ids_size() - 1
          << " older keys can leave the keyring once every replica was asked\n";
    }
  }
  return done.unopened() > 0 ? kRefused : kOk;
}

}  // namespace

void AddVaultCommands(CLI::App& app, Session& session) {
  auto* const vault = app.add_subcommand("vault", "the keys under which tokens are kept");
  vault->require_subcommand(1);
  vault
      ->add_subcommand("rotate",
                       "read the keyring anew and seal every token by its first key, under load")
      ->callback([&session] { session.action = [&session] { return Rotate(session); }; });
}

}  // namespace sauda::cli
