#pragma once

#include "sauda/auth/v1alpha1/keys.pb.h"
#include "services/auth/src/core/key_board.hpp"
#include "services/auth/src/core/key_desk.hpp"

namespace sauda::auth {

void ToProto(const ApiKey& key, v1alpha1::Key& out);
v1alpha1::KeysEvent ToEvent(const KeyBoard::News& news);
void ToProto(const AuditRow& row, v1alpha1::AuditRow& out);
void ToProto(const AuditVerdict& verdict, v1alpha1::VerifyAuditResponse& out);

/// Fails with kInvalidArgument / SCOPE_UNKNOWN.
Result<NewKey> FromProto(const v1alpha1::CreateKeyRequest& request);

/// Fails with kInvalidArgument / HEAD_INVALID.
Result<AuditHead> FromProto(const v1alpha1::AuditHead& head);

}  // namespace sauda::auth
