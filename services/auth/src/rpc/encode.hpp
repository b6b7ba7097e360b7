#pragma once

#include "sauda/auth/v1alpha1/auth.pb.h"
#include "services/auth/src/core/logins.hpp"

namespace sauda::auth {

namespace proto = ::sauda::auth::v1alpha1;

proto::TokenKind ToProto(TokenKind kind);
void ToProto(const Token& token, const std::string& account_id, proto::Token& out);
void ToProto(const LoginStatus& status, proto::TokenStatus& out);
proto::TokenEvent ToEvent(const TokenBoard::View& view, const std::string& account_id);

/// Unspecified means access. Fails with kInvalidArgument / TOKEN_KIND_UNKNOWN.
Result<TokenKind> FromProto(proto::TokenKind kind);

/// Unspecified means market data. Fails with kInvalidArgument / TOKEN_USE_UNKNOWN.
Result<TokenUse> FromProto(proto::TokenUse use);

}  // namespace sauda::auth
