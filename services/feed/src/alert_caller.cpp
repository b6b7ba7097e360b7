#include "services/feed/src/alert_caller.hpp"

#include <utility>

namespace sauda::feed {
namespace {

AlertCaller::Fate FateOf(WebhookQueue::Outcome outcome) {
  switch (outcome) {
    case WebhookQueue::Outcome::kDelivered:
      return AlertCaller::Fate::kDelivered;
    case WebhookQueue::Outcome::kRetry:
      return AlertCaller::Fate::kRetried;
    case WebhookQueue::Outcome::kPutOff:
      return AlertCaller::Fate::kPutOff;
    case WebhookQueue::Outcome::kGivenUp:
      break;
  }
  return AlertCaller::Fate::kGivenUp;
}

}  // namespace

AlertCaller::AlertCaller(WebhookClient& client, const Clock& clock, Options options, Events events)
    : client_{client}, clock_{clock}, options_{options}, events_{std::move(events)} {
  for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Run(); });
}

AlertCaller::~AlertCaller() { Stop(); }

Result<void> AlertCaller::AddWebhook(const Webhook& webhook) {
  if (auto checked = CheckWebhook(webhook); !checked) return checked;
  const std::lock_guard lock{mutex_};
  const auto is_new = AddNew(webhook);
  if (!is_new) return is_new.error();
  if (*is_new) events_.on_added(webhook);
  return {};
}

Result<void> AlertCaller::RestoreWebhook(const Webhook& webhook) {
  const std::lock_guard lock{mutex_};
  const auto is_new = AddNew(webhook);
  if (!is_new && is_new.error().reason != "WEBHOOK_ID_REUSED") return is_new.error();
  return {};
}

Result<bool> AlertCaller::AddNew(const Webhook& webhook) {
  if (const auto found = lines_.find(webhook.id); found != lines_.end()) {
    if (found->second->webhook == webhook) return false;
    return Error{Code::kAlreadyExists, "WEBHOOK_ID_REUSED", webhook.id + " names another webhook"};
  }
  if (lines_.size() >= kMaxWebhooks) {
    return Error{Code::kResourceExhausted, "WEBHOOK_LIMIT",
                 "there are " + std::to_string(kMaxWebhooks) + " webhooks, the most there may be"};
  }
  lines_.emplace(webhook.id, std::make_shared<Line>(Line{webhook, WebhookQueue{options_.queue}}));
  return true;
}

bool AlertCaller::RemoveWebhook(const std::string& webhook_id) {
  const std::lock_guard lock{mutex_};
  if (lines_.erase(webhook_id) == 0) return false;
  events_.on_removed(webhook_id);
  return true;
}

std::vector<Webhook> AlertCaller::ListWebhooks() const {
  const std::lock_guard lock{mutex_};
  std::vector<Webhook> all;
  for (const auto& [id, line] : lines_) all.push_back(line->webhook);
  return all;
}

void AlertCaller::Add(std::span<const Alert> alerts) {
  {
    const Monotonic now = clock_.Now();
    const std::lock_guard lock{mutex_};
    for (const Alert& alert : alerts) {
      const std::string& id = alert.firing.rule->webhook_id;
      if (id.empty()) continue;
      const auto found = lines_.find(id);
      if (found == lines_.end() || !found->second->queue.Put(alert, now)) {
        events_.on_fate(Fate::kLost, id, nullptr);
      }
    }
  }
  changed_.notify_all();
}

void AlertCaller::Run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const LinePtr line = NextDue();
    if (!line) {
      changed_.wait(lock);
      continue;
    }
    const auto wait = *line->queue.due() - clock_.Now();
    if (wait > Monotonic::duration::zero()) {
      changed_.wait_for(lock, wait);
    } else {
      CallOnce(lock, line);
    }
  }
}

AlertCaller::LinePtr AlertCaller::NextDue() const {
  LinePtr next;
  for (const auto& [id, line] : lines_) {
    const auto due = line->queue.due();
    if (due && (!next || *due < *next->queue.due())) next = line;
  }
  return next;
}

void AlertCaller::CallOnce(std::unique_lock<std::mutex>& lock, const LinePtr& line) {
  const Alert alert = line->queue.Begin();
  const Webhook webhook = line->webhook;
  lock.unlock();
  const auto called = client_.Call(webhook, alert);
  lock.lock();
  const Fate fate = FateOf(line->queue.End(called, clock_.Now()));
  lock.unlock();
  changed_.notify_all();  // the next of this webhook is due at some time
  events_.on_fate(fate, webhook.id, called ? nullptr : &called.error().error);
  lock.lock();
}

std::string_view NameOf(AlertCaller::Fate fate) {
  switch (fate) {
    case AlertCaller::Fate::kDelivered:
      return "delivered";
    case AlertCaller::Fate::kRetried:
      return "retried";
    case AlertCaller::Fate::kPutOff:
      return "put_off";
    case AlertCaller::Fate::kGivenUp:
      return "given_up";
    case AlertCaller::Fate::kLost:
      break;
  }
  return "lost";
}

void AlertCaller::Stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace sauda::feed
