#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "libs/rpc/calls.hpp"
#include "sauda/auth/v1alpha1/keys.grpc.pb.h"
#include "services/auth/src/core/key_board.hpp"
#include "services/auth/src/core/key_desk.hpp"
#include "services/auth/src/rpc/key_watch.hpp"

namespace sauda::auth {

/// KeysService over the desk, the board and the audit. WatchKeys is the callback API's, the rest
/// blocks a thread of gRPC's bounded pool while it asks the database. All parts outlive it.
class KeysService final
    : public v1alpha1::KeysService::WithCallbackMethod_WatchKeys<v1alpha1::KeysService::Service> {
 public:
  /// Most WatchKeys streams open at once; more end with RESOURCE_EXHAUSTED / TOO_MANY_WATCHERS.
  static constexpr std::size_t kMaxWatches = 1'000;
  static constexpr int kMostUses = 1'000;

  KeysService(KeyDesk& desk, KeyBoard& board, AuditStore& audit, rpc::Calls& calls);
  ~KeysService() override;

  /// Ends every stream with UNAVAILABLE / SHUTTING_DOWN, and those still to come.
  void Shutdown();

  grpc::Status CreateKey(grpc::ServerContext* context, const v1alpha1::CreateKeyRequest* request,
                         v1alpha1::CreateKeyResponse* response) override;
  grpc::Status ListKeys(grpc::ServerContext* context, const v1alpha1::ListKeysRequest* request,
                        v1alpha1::ListKeysResponse* response) override;
  grpc::Status RevokeKey(grpc::ServerContext* context, const v1alpha1::RevokeKeyRequest* request,
                         v1alpha1::Key* response) override;
  grpc::ServerWriteReactor<v1alpha1::KeysEvent>* WatchKeys(
      grpc::CallbackServerContext* context, const v1alpha1::WatchKeysRequest* request) override;
  grpc::Status ReportUse(grpc::ServerContext* context, const v1alpha1::ReportUseRequest* request,
                         v1alpha1::ReportUseResponse* response) override;
  grpc::Status Record(grpc::ServerContext* context, const v1alpha1::RecordRequest* request,
                      v1alpha1::RecordResponse* response) override;
  grpc::Status ListAudit(grpc::ServerContext* context, const v1alpha1::ListAuditRequest* request,
                         v1alpha1::ListAuditResponse* response) override;
  grpc::Status VerifyAudit(grpc::ServerContext* context,
                           const v1alpha1::VerifyAuditRequest* request,
                           v1alpha1::VerifyAuditResponse* response) override;

 private:
  struct Watch {
    std::shared_ptr<KeyWatch> stream;
    KeyBoard::WatchId board_id = 0;
  };

  void Forget(KeyWatch* stream);

  KeyDesk& desk_;
  KeyBoard& board_;
  AuditStore& audit_;
  rpc::Calls& calls_;
  std::mutex mutex_;
  // mutex_ guards the rest
  bool shutting_down_ = false;
  std::map<KeyWatch*, Watch> watches_;
};

}  // namespace sauda::auth
