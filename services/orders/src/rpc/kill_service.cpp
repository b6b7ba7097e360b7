#include "services/orders/src/rpc/kill_service.hpp"

#include <algorithm>

#include "libs/rpc/actor.hpp"
#include "services/orders/src/core/kill/kill_switch.hpp"

namespace sauda::orders {
namespace {

constexpr std::size_t kMostKillReason = 256;

Result<void> CheckKillReason(const std::string& reason) {
  const bool plain =
      std::all_of(reason.begin(), reason.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (plain && reason.size() <= kMostKillReason) return {};
  return Error{Code::kInvalidArgument, "KILL_REASON_INVALID",
               "reason: at most 256 printable ASCII characters"};
}

}  // namespace

Result<void> KillService::CheckAccount(const std::string& asked) const {
  if (asked.empty() || asked == account_id_) return {};
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "no account " + asked};
}

void KillService::Show(v1alpha1::KillStatus* response) const {
  const KillState state = kill_.State();
  response->set_account_id(account_id_);
  response->set_halted(state.record.halted);
  response->set_by(state.record.by);
  response->set_reason(state.record.reason);
  response->set_since_ms(state.record.at_ms);
  response->set_open_orders(static_cast<std::int64_t>(state.open_orders));
  response->set_all_cancelled(state.all_cancelled);
  response->set_detail(state.trouble);
  if (state.dead_man_left) response->set_dead_man_left_ms(state.dead_man_left->count());
}

grpc::Status KillService::Kill(grpc::ServerContext* context, const v1alpha1::KillRequest* request,
                               v1alpha1::KillStatus* response) {
  return calls_.Run(*context, "Kill", [&](const std::string&) -> Result<void> {
    if (auto right = CheckAccount(request->account_id()); !right) return right;
    if (auto plain = CheckKillReason(request->reason()); !plain) return plain;
    auto halted = kill_.Halt(rpc::ActorOf(*context), request->reason());
    Show(response);
    return halted;
  });
}

grpc::Status KillService::GetKillStatus(grpc::ServerContext* context,
                                        const v1alpha1::GetKillStatusRequest* request,
                                        v1alpha1::KillStatus* response) {
  return calls_.Run(*context, "GetKillStatus", [&](const std::string&) -> Result<void> {
    if (auto right = CheckAccount(request->account_id()); !right) return right;
    Show(response);
    return {};
  });
}

grpc::Status KillService::BeginRearm(grpc::ServerContext* context,
                                     const v1alpha1::BeginRearmRequest* request,
                                     v1alpha1::BeginRearmResponse* response) {
  return calls_.Run(*context, "BeginRearm", [&](const std::string&) -> Result<void> {
    if (auto right = CheckAccount(request->account_id()); !right) return right;
    const auto code = kill_.BeginRearm(rpc::ActorOf(*context));
    if (!code) return code.error();
    response->set_code(*code);
    response->set_good_for_ms(std::chrono::milliseconds{KillSwitch::kRearmWithin}.count());
    return {};
  });
}

grpc::Status KillService::Rearm(grpc::ServerContext* context, const v1alpha1::RearmRequest* request,
                                v1alpha1::KillStatus* response) {
  return calls_.Run(*context, "Rearm", [&](const std::string&) -> Result<void> {
    if (auto right = CheckAccount(request->account_id()); !right) return right;
    auto rearmed = kill_.Rearm(request->code(), rpc::ActorOf(*context));
    if (rearmed) Show(response);
    return rearmed;
  });
}

grpc::Status KillService::KeepAlive(grpc::ServerContext* context,
                                    const v1alpha1::KeepAliveRequest* request,
                                    v1alpha1::KillStatus* response) {
  return calls_.Run(*context, "KeepAlive", [&](const std::string&) -> Result<void> {
    if (auto right = CheckAccount(request->account_id()); !right) return right;
    kill_.KeepAlive();
    Show(response);
    return {};
  });
}

}  // namespace sauda::orders
