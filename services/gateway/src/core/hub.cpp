#include "services/gateway/src/core/hub.hpp"

#include <algorithm>
#include <charconv>

#include "services/gateway/src/core/json_text.hpp"

namespace sauda::gateway {
namespace {

/// Futures and options share a segment; the rest is told by the key.
Kind KindOfKey(const std::string& key) {
  const std::string segment = key.substr(0, key.find('|'));
  if (segment.ends_with("_INDEX")) return Kind::kIndex;
  if (segment.ends_with("_EQ")) return Kind::kEquity;
  return Kind::kUnknown;
}

Event MakeEvent(const std::string& name, const std::string& data) {
  return std::make_shared<const std::string>("event: " + name + "\ndata: " + data + "\n\n");
}

std::string StateJson(const FeedState& state) {
  std::string out = "{\"connection\":";
  AppendJsonString(out, state.connection);
  out += ",\"instance\":";
  AppendJsonString(out, state.instance);
  out += state.stale ? ",\"stale\":true}" : ",\"stale\":false}";
  return out;
}

}  // namespace

std::optional<EventId> EventId::Parse(std::string_view text) {
  const auto dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  EventId id{.instance = std::string{text.substr(0, dash)}};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + dash + 1, end, id.seq);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return id;
}

void Hub::Follow(const std::shared_ptr<Listener>& listener, const std::vector<std::string>& keys,
                 const std::optional<EventId>& last_seen) {
  const std::unique_lock lock{mutex_};
  all_[listener.get()] = listener;
  listener->OnNotice(MakeEvent("status", StateJson(state_)));
  const bool resumes = last_seen && last_seen->instance == state_.instance;
  for (const auto& key : keys) {
    Line& line = lines_[key];
    line.followers.push_back(listener);
    if (!line.has_tick || (resumes && line.newest.seq <= last_seen->seq)) continue;
    listener->OnTick(
        key, std::make_shared<const std::string>(TickEvent(line.newest, state_.instance, true)));
  }
}

void Hub::Unfollow(const Listener* listener) {
  const std::unique_lock lock{mutex_};
  if (all_.erase(listener) == 0) return;
  for (auto& [key, line] : lines_) {
    std::erase_if(line.followers, [&](const auto& each) { return each.get() == listener; });
  }
}

void Hub::Publish(Quote quote) {
  const std::unique_lock lock{mutex_};
  ++updates_;
  Line& line = lines_[quote.key];
  if (line.kind == Kind::kUnknown) line.kind = KindOfKey(quote.key);
  line.price.clear();
  AppendJsonString(line.price, quote.key);
  line.price += ':';
  line.price += PriceJson(quote);
  line.newest = std::move(quote);
  line.has_tick = true;
  if (line.followers.empty()) return;
  const auto event =
      std::make_shared<const std::string>(TickEvent(line.newest, state_.instance, false));
  for (const auto& each : line.followers) each->OnTick(line.newest.key, event);
}

void Hub::SetState(FeedState state) {
  const std::unique_lock lock{mutex_};
  if (!state.instance.empty() && state.instance != state_.instance) {
    for (auto& [key, line] : lines_) line.newest.seq = 0;  // numbers of another run
  }
  if (state.instance.empty()) state.instance = state_.instance;
  const bool news = state.connection != state_.connection || state.stale != state_.stale ||
                    state.instance != state_.instance;
  state_ = std::move(state);
  if (news) Tell("status", StateJson(state_));
}

void Hub::Lost(std::uint64_t count) {
  const std::unique_lock lock{mutex_};
  Tell("lost", "{\"count\":" + std::to_string(count) + "}");
}

void Hub::Tell(const std::string& name, const std::string& data) {
  const Event event = MakeEvent(name, data);
  for (const auto& [raw, listener] : all_) listener->OnNotice(event);
}

void Hub::SetKind(const std::string& key, Kind kind) {
  const std::unique_lock lock{mutex_};
  const auto found = lines_.find(key);
  if (found != lines_.end()) found->second.kind = kind;
}

void Hub::Heartbeat() {
  const auto comment = std::make_shared<const std::string>(": alive\n\n");
  const std::unique_lock lock{mutex_};
  for (const auto& [raw, listener] : all_) listener->OnNotice(comment);
}

FeedState Hub::state() const {
  const std::shared_lock lock{mutex_};
  return state_;
}

std::vector<std::string> Hub::KeysWithoutKind() const {
  const std::shared_lock lock{mutex_};
  std::vector<std::string> keys;
  for (const auto& [key, line] : lines_) {
    if (line.has_tick && line.kind == Kind::kUnknown) keys.push_back(key);
  }
  return keys;
}

Hub::Prices Hub::PricesOf(std::optional<Kind> kind) const {
  const std::shared_lock lock{mutex_};
  Prices prices{.data = "{"};
  prices.data.reserve(lines_.size() * 192);
  for (const auto& [key, line] : lines_) {
    if (!line.has_tick || (kind && line.kind != *kind)) continue;
    if (prices.count++ > 0) prices.data += ',';
    prices.data += line.price;
  }
  prices.data += '}';
  return prices;
}

Hub::Prices Hub::Ticks() const {
  const std::shared_lock lock{mutex_};
  Prices ticks{.data = "{"};
  for (const auto& [key, line] : lines_) {
    if (!line.has_tick) continue;
    if (ticks.count++ > 0) ticks.data += ',';
    AppendJsonString(ticks.data, key);
    ticks.data += ':';
    ticks.data += TickJson(line.newest, state_.instance, true);
  }
  ticks.data += '}';
  return ticks;
}

std::uint64_t Hub::updates() const {
  const std::shared_lock lock{mutex_};
  return updates_;
}

std::size_t Hub::listeners() const {
  const std::shared_lock lock{mutex_};
  return all_.size();
}

}  // namespace sauda::gateway
