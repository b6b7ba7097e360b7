#include "services/feed/src/rpc/alert_service.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/feed/src/rpc/alert_codec.hpp"

namespace sauda::feed {
namespace {

constexpr std::uint32_t kMaxPage = 1'000;
constexpr std::uint32_t kUsualPage = 100;

Error NoWebhook() { return {Code::kNotFound, "WEBHOOK_UNKNOWN", "there is no such webhook"}; }

}  // namespace

Result<void> AlertService::CheckAccount(const std::string& account_id) const {
  if (account_id.empty() || account_id == parts_.account) return {};
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "this feed has no account " + account_id};
}

Result<void> AlertService::CheckReady(const std::string& account_id) const {
  if (auto checked = CheckAccount(account_id); !checked || parts_.alerts.loaded()) return checked;
  return Error{Code::kUnavailable, "ALERTS_LOADING", "the kept alerts are not loaded yet"};
}

grpc::Status AlertService::CreateAlert(grpc::ServerContext* context,
                                       const v1alpha1::CreateAlertRequest* request,
                                       v1alpha1::AlertRule* response) {
  return parts_.calls.Run(*context, "CreateAlert", [&](const std::string& id) -> Result<void> {
    if (auto ready = CheckReady(request->account_id()); !ready) return ready;
    const auto created = Create(FromProto(request->rule()), id);
    if (!created) return created.error();
    *response = ToProto(*created);
    return {};
  });
}

// Checked before anything is subscribed for it: a subscription stays.
Result<AlertRule> AlertService::Create(AlertRule rule, const std::string& request_id) {
  if (const auto checked = CheckAlertRule(rule); !checked) return checked.error();
  if (const auto known = CheckKnown(rule.webhook_id); !known) return known.error();
  if (HasInstrument(rule.measure)) {
    const auto keys = parts_.desk.KeysOf({rule.instrument_key}, request_id);
    if (!keys) return keys.error();
    rule.instrument_key = keys->front();
  }
  if (const auto fits = parts_.alerts.CheckNew(rule); !fits) return fits.error();
  InstrumentId instrument = 0;
  if (HasInstrument(rule.measure)) {
    const auto subscribed = parts_.desk.Subscribe(
        {.names = {rule.instrument_key}, .mode = ModeFor(rule.measure), .only_raise = true},
        request_id);
    if (!subscribed) return subscribed.error();
    instrument = subscribed->ids.front();
  }
  if (const auto added = parts_.alerts.Add(rule, instrument); !added) return added.error();
  return rule;
}

grpc::Status AlertService::DeleteAlert(grpc::ServerContext* context,
                                       const v1alpha1::DeleteAlertRequest* request,
                                       v1alpha1::DeleteAlertResponse* /*response*/) {
  return parts_.calls.Run(*context, "DeleteAlert", [&](const auto&) -> Result<void> {
    if (auto ready = CheckReady(request->account_id()); !ready) return ready;
    if (parts_.alerts.Remove(request->alert_id())) return {};
    return Error{Code::kNotFound, "ALERT_UNKNOWN", "there is no such alert"};
  });
}

grpc::Status AlertService::ListAlerts(grpc::ServerContext* context,
                                      const v1alpha1::ListAlertsRequest* request,
                                      v1alpha1::ListAlertsResponse* response) {
  return parts_.calls.Run(*context, "ListAlerts", [&](const auto&) -> Result<void> {
    if (auto ready = CheckReady(request->account_id()); !ready) return ready;
    if (request->page_size() > kMaxPage) {
      return Error{Code::kInvalidArgument, "PAGE_SIZE_INVALID",
                   "page_size is " + std::to_string(request->page_size()) + ", at most " +
                       std::to_string(kMaxPage)};
    }
    const std::uint32_t size = request->page_size() == 0 ? kUsualPage : request->page_size();
    const auto rules = parts_.alerts.List(request->page_token(), size + 1);  // one to see if more
    for (std::size_t i = 0; i < rules.size() && i < size; ++i) {
      *response->add_rules() = ToProto(*rules[i]);
    }
    if (rules.size() > size) response->set_next_page_token(rules[size - 1]->id);
    return {};
  });
}

grpc::ServerWriteReactor<v1alpha1::AlertBatch>* AlertService::WatchAlerts(
    grpc::CallbackServerContext* context, const v1alpha1::WatchAlertsRequest* request) {
  // Its own address is how the service knows it again, and OnDone comes after this call at least.
  const auto self = std::make_shared<const AlertStream*>();
  const auto stream =
      std::make_shared<AlertStream>(AlertStream::Parts{.alerts = parts_.alerts,
                                                       .calls = parts_.calls,
                                                       .request_id = rpc::RequestIdOf(*context),
                                                       .instance = parts_.instance,
                                                       .on_end = [this, self] { Forget(*self); }});
  *self = stream.get();
  std::optional<Error> refused = Register(stream);
  if (const auto checked = CheckAccount(request->account_id()); !refused && !checked) {
    refused = checked.error();
  }
  if (refused) {
    stream->Close(*refused);
    return stream.get();
  }
  parts_.alerts.Watch(stream);
  std::uint64_t after = request->only_new() ? parts_.alerts.last_number() : 0;
  if (request->instance() == parts_.instance) {
    after = std::min(request->after_number(), parts_.alerts.last_number());
  }
  stream->Begin(after);
  return stream.get();
}

std::optional<Error> AlertService::Register(const std::shared_ptr<AlertStream>& stream) {
  parts_.metrics.alert_watchers.Increment();
  const std::lock_guard lock{mutex_};
  streams_.emplace(stream.get(), stream);
  if (ending_) return ending_;
  if (streams_.size() <= kMaxWatchers) return std::nullopt;
  return Error{Code::kResourceExhausted, "TOO_MANY_WATCHERS",
               "as many alert streams as are allowed are open"};
}

void AlertService::Forget(const AlertStream* stream) {
  parts_.alerts.Unwatch(stream);
  parts_.metrics.alert_watchers.Decrement();
  std::shared_ptr<AlertStream> last;  // dies after the lock is given up
  const std::lock_guard lock{mutex_};
  const auto found = streams_.find(stream);
  last = std::move(found->second);
  streams_.erase(found);
}

Result<void> AlertService::CheckKnown(const std::string& webhook_id) const {
  const auto all = parts_.webhooks.ListWebhooks();
  const bool known = std::any_of(all.begin(), all.end(),
                                 [&](const Webhook& each) { return each.id == webhook_id; });
  if (webhook_id.empty() || known) return {};
  return NoWebhook();
}

grpc::Status AlertService::CreateWebhook(grpc::ServerContext* context,
                                         const v1alpha1::CreateWebhookRequest* request,
                                         v1alpha1::Webhook* response) {
  return parts_.calls.Run(*context, "CreateWebhook", [&](const auto&) -> Result<void> {
    if (auto ready = CheckReady(request->account_id()); !ready) return ready;
    const Webhook webhook{.id = request->webhook().webhook_id(),
                          .url = request->webhook().url(),
                          .secret = Secret{request->secret()}};
    if (auto added = parts_.webhooks.AddWebhook(webhook); !added) return added;
    *response = ToProto(webhook);
    return {};
  });
}

grpc::Status AlertService::DeleteWebhook(grpc::ServerContext* context,
                                         const v1alpha1::DeleteWebhookRequest* request,
                                         v1alpha1::DeleteWebhookResponse* /*response*/) {
  return parts_.calls.Run(*context, "DeleteWebhook", [&](const auto&) -> Result<void> {
    if (auto ready = CheckReady(request->account_id()); !ready) return ready;
    if (parts_.webhooks.RemoveWebhook(request->webhook_id())) return {};
    return NoWebhook();
  });
}

grpc::Status AlertService::ListWebhooks(grpc::ServerContext* context,
                                        const v1alpha1::ListWebhooksRequest* request,
                                        v1alpha1::ListWebhooksResponse* response) {
  return parts_.calls.Run(*context, "ListWebhooks", [&](const auto&) -> Result<void> {
    if (auto ready = CheckReady(request->account_id()); !ready) return ready;
    for (const Webhook& each : parts_.webhooks.ListWebhooks()) {
      *response->add_webhooks() = ToProto(each);
    }
    return {};
  });
}

void AlertService::EndStreams(const Error& why) {
  std::vector<std::shared_ptr<AlertStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    ending_ = why;
    for (const auto& [address, stream] : streams_) streams.push_back(stream);
  }
  for (const auto& stream : streams) stream->Close(why);
}

}  // namespace sauda::feed
