#include "services/auth/src/rpc/encode.hpp"

namespace sauda::auth {

proto::TokenKind ToProto(TokenKind kind) {
  switch (kind) {
    case TokenKind::kAccess:
      return proto::TOKEN_KIND_ACCESS;
    case TokenKind::kExtended:
      return proto::TOKEN_KIND_EXTENDED;
    case TokenKind::kAnalytics:
      break;
  }
  return proto::TOKEN_KIND_ANALYTICS;
}

void ToProto(const Token& token, const std::string& account_id, proto::Token& out) {
  out.set_account_id(account_id);
  out.set_access_token(token.text.Reveal());
  out.set_kind(ToProto(token.kind));
  out.set_expires_ms(token.expires_ms);
  out.set_version(token.version);
  out.set_simulated(token.simulated);
}

void ToProto(const LoginStatus& status, proto::TokenStatus& out) {
  out.set_account_id(status.account_id);
  switch (status.state) {
    case LoginStatus::State::kLoggedIn:
      out.set_state(proto::LOGIN_STATE_LOGGED_IN);
      break;
    case LoginStatus::State::kExpired:
      out.set_state(proto::LOGIN_STATE_EXPIRED);
      break;
    case LoginStatus::State::kLoggedOut:
      out.set_state(proto::LOGIN_STATE_LOGGED_OUT);
      break;
  }
  if (status.kind) out.set_kind(ToProto(*status.kind));
  out.set_broker_user_id(status.broker_user_id);
  out.set_expires_ms(status.expires_ms);
  out.set_seconds_to_expiry(status.seconds_to_expiry);
  out.set_simulated(status.simulated);
}

proto::TokenEvent ToEvent(const TokenBoard::View& view, const std::string& account_id) {
  proto::TokenEvent event;
  if (view) {
    ToProto(*view, account_id, *event.mutable_token());
  } else {
    event.mutable_gone()->set_reason(view.error().reason);
  }
  return event;
}

Result<TokenKind> FromProto(proto::TokenKind kind) {
  switch (kind) {
    case proto::TOKEN_KIND_UNSPECIFIED:
    case proto::TOKEN_KIND_ACCESS:
      return TokenKind::kAccess;
    case proto::TOKEN_KIND_EXTENDED:
      return TokenKind::kExtended;
    case proto::TOKEN_KIND_ANALYTICS:
      return TokenKind::kAnalytics;
    default:
      break;
  }
  return Error{Code::kInvalidArgument, "TOKEN_KIND_UNKNOWN",
               "kind " + std::to_string(kind) + " is not known here"};
}

Result<TokenUse> FromProto(proto::TokenUse use) {
  switch (use) {
    case proto::TOKEN_USE_UNSPECIFIED:
    case proto::TOKEN_USE_MARKET_DATA:
      return TokenUse::kMarketData;
    case proto::TOKEN_USE_ORDERS:
      return TokenUse::kOrders;
    default:
      break;
  }
  return Error{Code::kInvalidArgument, "TOKEN_USE_UNKNOWN",
               "use " + std::to_string(use) + " is not known here"};
}

}  // namespace sauda::auth
