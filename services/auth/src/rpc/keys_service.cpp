#include "services/auth/src/rpc/keys_service.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "libs/base/check.hpp"
#include "libs/rpc/actor.hpp"
#include "libs/telemetry/log.hpp"
#include "services/auth/src/rpc/encode_keys.hpp"

namespace sauda::auth {
namespace {

constexpr int kMostOfAPage = 1'000;
constexpr int kUsualPage = 100;
constexpr std::size_t kMostActionBytes = 64;
constexpr std::size_t kMostSubjectBytes = 256;
constexpr std::size_t kMostDetailBytes = 4'096;

const Error& Stopping() {
  static const Error error{Code::kUnavailable, "SHUTTING_DOWN", "auth is stopping: call again"};
  return error;
}

Result<std::size_t> PageSize(std::int32_t asked) {
  if (asked < 0 || asked > kMostOfAPage) {
    return Error{Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size: expected 1 to 1000"};
  }
  return static_cast<std::size_t>(asked == 0 ? kUsualPage : asked);
}

/// The number in a page's token; 0 of an empty one.
Result<std::int64_t> RowBefore(const std::string& token) {
  std::int64_t row = 0;
  const char* const end = token.data() + token.size();
  const auto [stop, problem] = std::from_chars(token.data(), end, row);
  if (token.empty() || (problem == std::errc{} && stop == end && row > 0)) return row;
  return Error{Code::kInvalidArgument, "PAGE_TOKEN_INVALID",
               "page_token: expected next_page_token of the page before"};
}

bool IsAction(const std::string& text) {
  return !text.empty() && text.size() <= kMostActionBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
         });
}

/// Without the character 0, which PostgreSQL keeps in no text.
bool IsDetail(const std::string& text) {
  return text.size() <= kMostDetailBytes && text.find("\\u0000") == std::string::npos &&
         nlohmann::json::parse(text, nullptr, false).is_object();
}

Result<void> CheckRecord(const v1alpha1::RecordRequest& request) {
  const auto wrong = [](const char* reason, const char* message) {
    return Error{Code::kInvalidArgument, reason, message};
  };
  if (!IsAction(request.action())) {
    return wrong("ACTION_INVALID", "action: 1 to 64 of a-z 0-9 . _");
  }
  if (request.subject().size() > kMostSubjectBytes ||
      request.subject().find('\0') != std::string::npos) {
    return wrong("SUBJECT_INVALID", "subject: at most 256 bytes of text");
  }
  if (!request.detail().empty() && !IsDetail(request.detail())) {
    return wrong("DETAIL_INVALID", "detail: a JSON object of at most 4096 bytes");
  }
  return {};
}

}  // namespace

KeysService::KeysService(KeyDesk& desk, KeyBoard& board, AuditStore& audit, rpc::Calls& calls)
    : desk_{desk}, board_{board}, audit_{audit}, calls_{calls} {}

KeysService::~KeysService() {
  const std::lock_guard lock{mutex_};
  Check(watches_.empty(), "the server has ended every stream before its service dies");
}

void KeysService::Shutdown() {
  std::vector<std::shared_ptr<KeyWatch>> streams;
  {
    const std::lock_guard lock{mutex_};
    shutting_down_ = true;
    for (const auto& [raw, watch] : watches_) streams.push_back(watch.stream);
  }
  for (const auto& stream : streams) stream->Close(Stopping());
}

grpc::Status KeysService::CreateKey(grpc::ServerContext* context,
                                    const v1alpha1::CreateKeyRequest* request,
                                    v1alpha1::CreateKeyResponse* response) {
  return calls_.Run(*context, "CreateKey", [&](const std::string&) -> Result<void> {
    const auto wanted = FromProto(*request);
    if (!wanted) return wanted.error();
    const std::string actor = rpc::ActorOf(*context);
    const auto created = desk_.Create(*wanted, actor);
    if (!created) return created.error();
    spdlog::info("key created id={} scopes={} by={}", created->key.known.id,
                 keys::TextOf(created->key.known.scopes), actor);
    ToProto(created->key, *response->mutable_key());
    response->set_text(created->text.Reveal());
    return {};
  });
}

grpc::Status KeysService::ListKeys(grpc::ServerContext* context,
                                   const v1alpha1::ListKeysRequest* request,
                                   v1alpha1::ListKeysResponse* response) {
  return calls_.Run(*context, "ListKeys", [&](const std::string&) -> Result<void> {
    const auto size = PageSize(request->page_size());
    if (!size) return size.error();
    const auto page = desk_.List(*size, request->page_token());
    if (!page) return page.error();
    for (const ApiKey& key : page->keys) ToProto(key, *response->add_keys());
    response->set_next_page_token(page->next);
    return {};
  });
}

grpc::Status KeysService::RevokeKey(grpc::ServerContext* context,
                                    const v1alpha1::RevokeKeyRequest* request,
                                    v1alpha1::Key* response) {
  return calls_.Run(*context, "RevokeKey", [&](const std::string&) -> Result<void> {
    if (!keys::IsKeyId(request->key_id())) {
      return Error{Code::kNotFound, "KEY_NOT_FOUND", "a key's id is 16 hexadecimal digits"};
    }
    const std::string actor = rpc::ActorOf(*context);
    const auto key = desk_.Revoke(request->key_id(), actor);
    if (!key) return key.error();
    spdlog::info("key revoked id={} by={}", key->known.id, actor);
    ToProto(*key, *response);
    return {};
  });
}

grpc::ServerWriteReactor<v1alpha1::KeysEvent>* KeysService::WatchKeys(
    grpc::CallbackServerContext* context, const v1alpha1::WatchKeysRequest* /*request*/) {
  const auto stream = std::make_shared<KeyWatch>(calls_, rpc::RequestIdOf(*context));
  stream->Start([this, raw = stream.get()] { Forget(raw); });
  std::optional<Error> refused;
  {
    const std::lock_guard lock{mutex_};
    watches_[stream.get()] = {.stream = stream};
    if (shutting_down_) {
      refused = Stopping();
    } else if (watches_.size() > kMaxWatches) {
      refused = Error{Code::kResourceExhausted, "TOO_MANY_WATCHERS",
                      "as many key streams as are allowed are open"};
    }
  }
  if (refused) {
    stream->Close(*refused);
    return stream.get();
  }
  // Holds the stream while the board may offer; Forget unwatches first.
  const auto id =
      board_.Watch([stream](const KeyBoard::News& news) { stream->Offer(ToEvent(news)); });
  bool ended = false;
  {
    const std::lock_guard lock{mutex_};
    const auto found = watches_.find(stream.get());
    if (found == watches_.end()) {
      ended = true;  // the caller has gone meanwhile
    } else {
      found->second.board_id = id;
    }
  }
  if (ended) board_.Unwatch(id);
  return stream.get();
}

void KeysService::Forget(KeyWatch* stream) {
  Watch watch;
  {
    const std::lock_guard lock{mutex_};
    const auto found = watches_.find(stream);
    if (found == watches_.end()) return;
    watch = std::move(found->second);
    watches_.erase(found);
  }
  board_.Unwatch(watch.board_id);
}

grpc::Status KeysService::ReportUse(grpc::ServerContext* context,
                                    const v1alpha1::ReportUseRequest* request,
                                    v1alpha1::ReportUseResponse* /*response*/) {
  return calls_.Run(*context, "ReportUse", [&](const std::string&) -> Result<void> {
    if (request->uses_size() > kMostUses) {
      return Error{Code::kInvalidArgument, "TOO_MANY_USES", "uses: at most 1000"};
    }
    std::vector<KeyUse> uses;
    for (const auto& use : request->uses()) {
      uses.push_back({.key_id = use.key_id(), .used_ms = use.used_ms()});
    }
    return desk_.NoteUses(std::move(uses));
  });
}

grpc::Status KeysService::Record(grpc::ServerContext* context,
                                 const v1alpha1::RecordRequest* request,
                                 v1alpha1::RecordResponse* response) {
  return calls_.Run(*context, "Record", [&](const std::string&) -> Result<void> {
    if (const auto checked = CheckRecord(*request); !checked) return checked;
    const auto row =
        audit_.Append({.at_ms = desk_.NowMs(),
                       .actor = rpc::ActorOf(*context),
                       .action = request->action(),
                       .subject = request->subject(),
                       .detail = request->detail().empty() ? "{}" : request->detail()});
    if (!row) return row.error();
    spdlog::info("act recorded action={} subject={} by={} seq={}", row->act.action,
                 telemetry::Quoted(row->act.subject), row->act.actor, row->seq);
    response->set_seq(row->seq);
    return {};
  });
}

grpc::Status KeysService::ListAudit(grpc::ServerContext* context,
                                    const v1alpha1::ListAuditRequest* request,
                                    v1alpha1::ListAuditResponse* response) {
  return calls_.Run(*context, "ListAudit", [&](const std::string&) -> Result<void> {
    const auto size = PageSize(request->page_size());
    if (!size) return size.error();
    const auto before = RowBefore(request->page_token());
    if (!before) return before.error();
    const auto rows = audit_.ReadDown(*before, *size);
    if (!rows) return rows.error();
    for (const AuditRow& row : *rows) ToProto(row, *response->add_rows());
    if (rows->size() == *size && rows->back().seq > 1) {
      response->set_next_page_token(std::to_string(rows->back().seq));
    }
    return {};
  });
}

grpc::Status KeysService::VerifyAudit(grpc::ServerContext* context,
                                      const v1alpha1::VerifyAuditRequest* request,
                                      v1alpha1::VerifyAuditResponse* response) {
  return calls_.Run(*context, "VerifyAudit", [&](const std::string&) -> Result<void> {
    std::optional<AuditHead> expected;
    if (request->has_expected()) {
      const auto head = FromProto(request->expected());
      if (!head) return head.error();
      expected = *head;
    }
    const auto verdict = auth::VerifyAudit(audit_, expected);
    if (!verdict) return verdict.error();
    if (verdict->broken) {
      spdlog::error("the audit is broken row={} reason={}", verdict->broken->seq,
                    verdict->broken->reason);
    }
    ToProto(*verdict, *response);
    return {};
  });
}

}  // namespace sauda::auth
