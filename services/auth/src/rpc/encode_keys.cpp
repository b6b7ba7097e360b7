#include "services/auth/src/rpc/encode_keys.hpp"

#include <string>

namespace sauda::auth {
namespace {

v1alpha1::Scope ToProto(keys::Scope scope) {
  switch (scope) {
    case keys::Scope::kRead:
      return v1alpha1::SCOPE_READ;
    case keys::Scope::kTrade:
      return v1alpha1::SCOPE_TRADE;
    case keys::Scope::kAdmin:
      break;
  }
  return v1alpha1::SCOPE_ADMIN;
}

/// What Key and KnownKey have in common.
template <typename Message>
void FillRights(const keys::KnownKey& key, Message& out) {
  out.set_key_id(key.id);
  for (const keys::Scope scope : keys::kScopes) {
    if (key.scopes.Has(scope)) out.add_scopes(ToProto(scope));
  }
  for (const std::string& account : key.accounts) out.add_accounts(account);
  out.set_expires_ms(key.expires_ms);
  out.set_revoked_ms(key.revoked_ms);
}

}  // namespace

void ToProto(const ApiKey& key, v1alpha1::Key& out) {
  FillRights(key.known, out);
  out.set_name(key.name);
  out.set_created_ms(key.created_ms);
  out.set_created_by(key.created_by);
  out.set_last_used_ms(key.last_used_ms);
}

v1alpha1::KeysEvent ToEvent(const KeyBoard::News& news) {
  v1alpha1::KeysEvent event;
  event.set_whole(news.whole);
  for (const keys::KnownKey& key : news.keys) {
    v1alpha1::KnownKey& out = *event.add_keys();
    FillRights(key, out);
    out.set_sha256(keys::ToBytes(key.hash));
  }
  return event;
}

void ToProto(const AuditRow& row, v1alpha1::AuditRow& out) {
  out.set_seq(row.seq);
  out.set_at_ms(row.act.at_ms);
  out.set_actor(row.act.actor);
  out.set_action(row.act.action);
  out.set_subject(row.act.subject);
  out.set_detail(row.act.detail);
  out.set_previous(keys::ToHex(row.previous));
  out.set_hash(keys::ToHex(row.hash));
}

void ToProto(const AuditVerdict& verdict, v1alpha1::VerifyAuditResponse& out) {
  out.set_rows(verdict.rows);
  out.mutable_head()->set_seq(verdict.head.seq);
  out.mutable_head()->set_hash(keys::ToHex(verdict.head.hash));
  if (!verdict.broken) return;
  out.mutable_broken()->set_seq(verdict.broken->seq);
  out.mutable_broken()->set_reason(verdict.broken->reason);
  out.mutable_broken()->set_message(verdict.broken->message);
}

Result<NewKey> FromProto(const v1alpha1::CreateKeyRequest& request) {
  NewKey wanted{.name = request.name(),
                .scopes = {},
                .accounts = {request.accounts().begin(), request.accounts().end()},
                .expires_ms = request.expires_ms()};
  for (const int scope : request.scopes()) {
    switch (scope) {
      case v1alpha1::SCOPE_READ:
        wanted.scopes.Add(keys::Scope::kRead);
        break;
      case v1alpha1::SCOPE_TRADE:
        wanted.scopes.Add(keys::Scope::kTrade);
        break;
      case v1alpha1::SCOPE_ADMIN:
        wanted.scopes.Add(keys::Scope::kAdmin);
        break;
      default:
        return Error{Code::kInvalidArgument, "SCOPE_UNKNOWN",
                     "scope " + std::to_string(scope) + " is not known here"};
    }
  }
  return wanted;
}

Result<AuditHead> FromProto(const v1alpha1::AuditHead& head) {
  const auto hash = keys::FromHex(head.hash());
  if (!hash || head.seq() < 1) {
    return Error{Code::kInvalidArgument, "HEAD_INVALID",
                 "expected: the number of a row, from 1, and its hash, 64 hexadecimal digits"};
  }
  return AuditHead{.seq = head.seq(), .hash = *hash};
}

}  // namespace sauda::auth
