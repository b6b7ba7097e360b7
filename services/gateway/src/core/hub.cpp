#include "services/gateway/src/core/hub.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "services/gateway/src/core/json_text.hpp"

namespace sauda::gateway {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Futures and options share a segment; the rest is told by the key.
Kind KindOfKey(const std::string& key) {
  const std::string segment = key.substr(0, key.find('|'));
  if (segment.ends_with("_INDEX")) return Kind::kIndex;
  if (segment.ends_with("_EQ")) return Kind::kEquity;
  return Kind::kUnknown;
}

std::string StateJson(const FeedState& state, bool simulated) {
  std::string out = "{\"connection\":";
  AppendJsonString(out, state.connection);
  out += ",\"instance\":";
  AppendJsonString(out, state.instance);
  out += state.stale ? ",\"stale\":true" : ",\"stale\":false";
  out += simulated ? ",\"simulated\":true}" : ",\"simulated\":false}";
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

Hub::Line& Hub::LineOf(const std::string& key) {
  const auto [found, added] = lines_.try_emplace(key);
  if (added) found->second.followers = follow_all_;
  return found->second;
}

bool Hub::Saw(const EventId& last_seen, const Line& line) const {
  if (last_seen.instance != state_.instance) return false;
  // A filled one has a lower number than what was sent before it.
  return !IsOfThisRun(line) || (line.newest.seq <= last_seen.seq && line.before < last_seen.seq);
}

void Hub::Follow(const std::shared_ptr<Listener>& listener, const std::vector<std::string>& keys,
                 const std::optional<EventId>& last_seen) {
  const std::unique_lock lock{mutex_};
  all_[listener.get()] = listener;
  listener->OnStatus(StatusEvent());
  std::vector<const Line*> newest;
  const auto take = [&](Line& line) {
    line.followers.push_back(listener);
    if (line.has_tick && !(last_seen && Saw(*last_seen, line))) newest.push_back(&line);
  };
  if (keys.empty()) {
    follow_all_.push_back(listener);
    for (auto& [key, line] : lines_) take(line);
  }
  for (const auto& key : keys) take(LineOf(key));
  // Ids must rise, else a stream that breaks in between would resume past what it never got.
  std::sort(newest.begin(), newest.end(), [this](const Line* a, const Line* b) {
    return std::pair{IsOfThisRun(*a), a->newest.seq} < std::pair{IsOfThisRun(*b), b->newest.seq};
  });
  for (const Line* line : newest) {
    listener->OnTick(line->newest.key,
                     std::make_shared<const std::string>(
                         TickEvent(line->newest, line->instance, true, !IsOfThisRun(*line))));
  }
}

void Hub::Unfollow(const Listener* listener) {
  const std::unique_lock lock{mutex_};
  if (all_.erase(listener) == 0) return;
  const auto is_it = [listener](const auto& each) { return each.get() == listener; };
  for (auto& [key, line] : lines_) std::erase_if(line.followers, is_it);
  std::erase_if(follow_all_, is_it);
}

bool Hub::Publish(Quote quote) {
  const std::unique_lock lock{mutex_};
  return Take(std::move(quote));
}

std::size_t Hub::Fill(const std::string& instance, std::vector<Quote> latest) {
  std::sort(latest.begin(), latest.end(),
            [](const Quote& a, const Quote& b) { return a.seq < b.seq; });
  const std::unique_lock lock{mutex_};
  if (instance != state_.instance) return 0;
  std::size_t news = 0;
  for (Quote& quote : latest) {
    if (quote.seq > last_seq_) break;
    if (Take(std::move(quote))) ++news;
  }
  return news;
}

bool Hub::Take(Quote quote) {
  Line& line = LineOf(quote.key);
  if (line.has_tick && IsOfThisRun(line) && quote.seq <= line.newest.seq) return false;
  line.instance = state_.instance;
  line.before = last_seq_;
  line.update = ++updates_;
  last_seq_ = std::max(last_seq_, quote.seq);
  ++version_;
  simulated_ = simulated_ || quote.simulated;
  if (line.kind == Kind::kUnknown) line.kind = KindOfKey(quote.key);
  line.price.clear();
  AppendJsonString(line.price, quote.key);
  line.price += ':';
  line.price += PriceJson(quote);
  line.newest = std::move(quote);
  line.has_tick = true;
  if (line.followers.empty()) return true;
  const auto event =
      std::make_shared<const std::string>(TickEvent(line.newest, line.instance, false));
  for (const auto& each : line.followers) each->OnTick(line.newest.key, event);
  return true;
}

void Hub::SetState(FeedState state) {
  const std::unique_lock lock{mutex_};
  if (state.instance.empty()) state.instance = state_.instance;
  if (state.instance != state_.instance) last_seq_ = 0;  // numbers of another run
  const bool news = state.connection != state_.connection || state.stale != state_.stale ||
                    state.instance != state_.instance;
  state_ = std::move(state);
  if (!news) return;
  ++version_;
  const Event event = StatusEvent();
  for (const auto& [raw, listener] : all_) listener->OnStatus(event);
}

void Hub::Lost(std::uint64_t count) {
  const std::unique_lock lock{mutex_};
  for (const auto& [raw, listener] : all_) listener->OnLost(count);
}

Event Hub::StatusEvent() const {
  return std::make_shared<const std::string>(
      "event: status\ndata: " + StateJson(state_, simulated_) + "\n\n");
}

bool Hub::Learn(Line& line, Kind kind) {
  if (kind == Kind::kUnknown || kind == line.kind) return false;
  line.kind = kind;
  return true;
}

void Hub::SetKind(const std::string& key, Kind kind) {
  const std::unique_lock lock{mutex_};
  const auto found = lines_.find(key);
  if (found != lines_.end() && Learn(found->second, kind)) ++version_;
}

Hub::Lines::iterator Hub::Drop(Lines::iterator at) {
  Line& line = at->second;
  if (line.has_tick) ++version_;
  // Who follows everything follows it again when it ticks again.
  if (line.followers.size() == follow_all_.size()) return lines_.erase(at);
  line = Line{.followers = std::move(line.followers)};
  return std::next(at);
}

void Hub::Reconcile(const std::vector<Subscribed>& list, std::uint64_t asked_at) {
  std::unordered_map<std::string_view, Kind> kinds;
  for (const auto& each : list) kinds.emplace(each.key, each.kind);
  const std::unique_lock lock{mutex_};
  for (auto at = lines_.begin(); at != lines_.end();) {
    const auto found = kinds.find(at->first);
    if (found == kinds.end() && at->second.update <= asked_at && !state_.stale) {
      at = Drop(at);
      continue;
    }
    if (found != kinds.end() && Learn(at->second, found->second)) ++version_;
    ++at;
  }
}

void Hub::Forget(const std::vector<std::string>& keys) {
  const std::unique_lock lock{mutex_};
  for (const auto& key : keys) {
    if (const auto found = lines_.find(key); found != lines_.end()) Drop(found);
  }
}

void Hub::Heartbeat() {
  const auto comment = std::make_shared<const std::string>(": alive\n\n");
  const std::unique_lock lock{mutex_};
  for (const auto& [raw, listener] : all_) listener->OnHeartbeat(comment);
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

bool Hub::HasAll(const std::vector<std::string>& keys) const {
  const std::shared_lock lock{mutex_};
  return std::all_of(keys.begin(), keys.end(), [this](const std::string& key) {
    const auto found = lines_.find(key);
    return found != lines_.end() && found->second.has_tick;
  });
}

Hub::Kept Hub::MakeList(const char* type, std::optional<Kind> kind, std::int64_t now_ns) const {
  std::string data;
  data.reserve(lines_.size() * 192);
  std::size_t count = 0;
  bool ages = false;
  for (const auto& [key, line] : lines_) {
    if (!line.has_tick || (kind && line.kind != *kind)) continue;
    if (count++ > 0) data += ',';
    data += line.price;
    if (!IsStale(line)) continue;
    ages = true;
    data.pop_back();  // the price's own brace
    data += R"(,"stale":true,"age_ms":)";
    data += std::to_string((now_ns - line.newest.received_ns) / kNsPerMs) + "}";
  }
  std::string body = R"({"status":"success","type":)";
  AppendJsonString(body, type);
  body += ",\"count\":" + std::to_string(count) + ",\"connection\":";
  AppendJsonString(body, state_.connection);
  body += state_.stale ? ",\"stale\":true" : ",\"stale\":false";
  body += simulated_ ? ",\"simulated\":true" : ",\"simulated\":false";
  body += ",\"data\":{" + data + "}}";
  return {.body = std::make_shared<const std::string>(std::move(body)),
          .version = version_,
          .second = now_ns / kNsPerSecond,
          .ages = ages};
}

Event Hub::PriceList(const char* type, std::optional<Kind> kind, std::int64_t now_ns) {
  const std::unique_lock lock{mutex_};
  Kept& kept = kept_[type];
  const bool aged = kept.ages && kept.second != now_ns / kNsPerSecond;
  if (kept.version != version_ || aged) kept = MakeList(type, kind, now_ns);
  return kept.body;
}

std::string Hub::Ticks() const {
  const std::shared_lock lock{mutex_};
  std::string ticks;
  std::size_t count = 0;
  for (const auto& [key, line] : lines_) {
    if (!line.has_tick) continue;
    if (count++ > 0) ticks += ',';
    AppendJsonString(ticks, key);
    ticks += ':';
    ticks += TickJson(line.newest, line.instance, true, IsStale(line));
  }
  return R"({"status":"success","symbols_tracked":)" + std::to_string(count) +
         ",\"price_updates\":" + std::to_string(updates_) +
         (state_.stale ? ",\"stale\":true" : ",\"stale\":false") +
         (simulated_ ? ",\"simulated\":true" : ",\"simulated\":false") + ",\"latest_ticks\":{" +
         ticks + "}}";
}

bool Hub::simulated() const {
  const std::shared_lock lock{mutex_};
  return simulated_;
}

std::uint64_t Hub::updates() const {
  const std::shared_lock lock{mutex_};
  return updates_;
}

std::size_t Hub::count() const {
  const std::shared_lock lock{mutex_};
  return static_cast<std::size_t>(std::count_if(
      lines_.begin(), lines_.end(), [](const auto& each) { return each.second.has_tick; }));
}

std::size_t Hub::listeners() const {
  const std::shared_lock lock{mutex_};
  return all_.size();
}

}  // namespace sauda::gateway
