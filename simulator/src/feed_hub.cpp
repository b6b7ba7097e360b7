#include "simulator/src/feed_hub.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "simulator/src/feed_encoder.hpp"
#include "simulator/src/rest/envelope.hpp"
#include "simulator/src/tokens.hpp"

namespace sauda::sim {
namespace {

constexpr std::size_t kBudget = 256;  // updates between two looks at what else waits

/// Bytes that no protobuf reader takes: field 0 does not exist.
const std::string kGarbage = std::string{"\x00\xFF\xFE\x07", 4} + "not a FeedResponse";

}  // namespace

FeedHub::FeedHub(Loop& loop, Market& market, Faults& faults, Metrics& metrics, Options options)
    : market_{market},
      metrics_{metrics},
      options_{std::move(options)},
      tickets_{RandomUuid},
      sockets_{loop,
               {.on_open = [this](SocketSet::Id id) { OnOpen(id); },
                .on_message = [this](SocketSet::Id id, const std::string& bytes,
                                     http::FrameKind kind) { OnMessage(id, bytes, kind); },
                .on_closed =
                    [this](SocketSet::Id id, std::uint16_t code) {
                      GiveUpWaiting(sessions_.at(id));
                      sessions_.erase(id);
                      faults_.Forget(id);
                      metrics_.feed_sessions.Set(static_cast<double>(sockets_.size()));
                      spdlog::info("feed session over session={} code={}", id, code);
                    }}},
      faults_{loop,
              faults,
              sockets_,
              {.target = FaultTarget::kFeed,
               .frame = http::FrameKind::kBinary,
               .broken = [this](SocketSet::Id id, FaultKind kind) { return Broken(id, kind); }}} {}

std::string FeedHub::NewAddress(const http::Request& request, Monotonic now) {
  std::string host = options_.announced_host;
  if (host.empty()) host = request.headers.Get("Host");
  const std::string code = tickets_.New({}, now);
  if (faults_.UsesUpCode(now)) (void)tickets_.Take(code, now);
  return "wss://" + host + kPath + "?requestId=" + RandomUuid() + "&code=" + code;
}

void FeedHub::Connect(const http::Request& request, const Moment& moment, http::Upgrade& upgrade) {
  if (!tickets_.Take(request.Query("code"), moment.now)) {
    return upgrade.Refuse(FailureOfStatus(403));
  }
  if (sockets_.size() >= options_.max_connections) {
    spdlog::warn("feed connection refused, limit={}", options_.max_connections);
    return upgrade.Refuse(FailureOfStatus(403));
  }
  const http::WebSocketOptions socket{.max_message_bytes = 1'048'576,
                                      .deflate = options_.deflate,
                                      .idle_limit = options_.idle_limit};
  const SocketSet::Id id = sockets_.Accept(upgrade, socket);
  Session& session = sessions_[id];
  session.protocol = std::make_unique<FeedSession>(market_, options_.session);
  session.opened_ms = moment.market_ms;
  metrics_.feed_sessions.Set(static_cast<double>(sockets_.size()));
  spdlog::info("feed session accepted session={} peer={}", id, request.peer);
}

void FeedHub::OnOpen(SocketSet::Id id) {
  const Monotonic now = std::chrono::steady_clock::now();
  if (!faults_.Admit(id, now)) return;
  Session& session = sessions_.at(id);
  const FeedFrame info = session.protocol->Open(now);
  if (!faults_.Silenced(id, now)) Send(id, session, info);
  faults_.Resume(now);
}

void FeedHub::OnMessage(SocketSet::Id id, const std::string& bytes, http::FrameKind kind) {
  const Monotonic now = std::chrono::steady_clock::now();
  Session& session = sessions_.at(id);
  if (session.waiting.size() > kMaxWaitingFrames || session.waiting_bytes > kMaxWaitingBytes) {
    spdlog::warn("feed session dropped, it asks and does not read session={}", id);
    return sockets_.Find(id)->Drop();
  }
  const auto frame = session.protocol->OnRequest(bytes, kind == http::FrameKind::kBinary, now);
  if (frame && !faults_.Silenced(id, now)) Send(id, session, *frame);
}

void FeedHub::Send(SocketSet::Id id, Session& session, const FeedFrame& frame) {
  session.last_frame = std::make_shared<const std::string>(EncodeFeedFrame(frame));
  const bool live = frame.type == FeedFrame::Type::kLive;
  Message message{.bytes = session.last_frame,
                  .what = live ? SentRecord::What::kLive : SentRecord::What::kSnapshot};
  if (options_.record != nullptr) {
    for (const FeedEntry& entry : frame.feeds) {
      message.entries.push_back({.key = entry.key, .number = entry.state->ltq});
      if (live) noted_.insert(entry.key);
    }
  }
  session.waiting.push_back(std::move(message));
  session.waiting_bytes += session.last_frame->size();
  Flush(id, session);
}

/// True when nothing waits any more.
bool FeedHub::Flush(SocketSet::Id id, Session& session) {
  const auto socket = sockets_.Find(id);
  while (!session.waiting.empty()) {
    const Message& next = session.waiting.front();
    const auto offer = socket->Send(next.bytes, http::FrameKind::kBinary);
    if (offer == http::Offer::kFull) return false;
    if (offer == http::Offer::kGone) {
      GiveUpWaiting(session);  // its closing is on the way
      return true;
    }
    metrics_.feed_frames.Increment();
    Record(id, next.what, next.entries);
    session.waiting_bytes -= next.bytes->size();
    session.waiting.pop_front();
  }
  return true;
}

std::size_t FeedHub::Budget() {
  const Monotonic now = std::chrono::steady_clock::now();
  bool all_ready = true;
  for (auto& [id, session] : sessions_) {
    if (faults_.IsHalfOpen(id)) continue;
    const bool ready = Flush(id, session) && sockets_.Find(id)->CanWrite();
    if (!ready && !faults_.Silenced(id, now)) all_ready = false;
  }
  return all_ready || !options_.waits_for_slow ? kBudget : 0;
}

void FeedHub::GiveUpWaiting(Session& session) {
  for (const Message& message : session.waiting) {
    if (message.what == SentRecord::What::kLive) {
      Record(0, SentRecord::What::kAway, message.entries);
    }
  }
  session.waiting.clear();
  session.waiting_bytes = 0;
}

SentEntry FeedHub::EntryOf(const Update& update) const {
  return {.key = &market_.master().at(update.id).instrument_key, .number = update.state->ltq};
}

void FeedHub::Record(SocketSet::Id id, SentRecord::What what,
                     const std::vector<SentEntry>& entries) const {
  if (options_.record == nullptr || entries.empty()) return;
  options_.record->Add(what, SystemClock{}.UtcNs(), id, entries);
}

void FeedHub::RecordSkipped(SocketSet::Id id, const Session& session,
                            std::span<const Update> updates) {
  if (options_.record == nullptr) return;
  std::vector<SentEntry> skipped;
  for (const Update& update : updates) {
    if (!session.protocol->ModeOf(update.id)) continue;
    skipped.push_back(EntryOf(update));
    noted_.insert(skipped.back().key);
  }
  Record(id, SentRecord::What::kSkipped, skipped);
}

void FeedHub::RecordAway(std::span<const Update> updates) {
  if (options_.record == nullptr) return;
  std::vector<SentEntry> away;
  for (const Update& update : updates) {
    const SentEntry entry = EntryOf(update);
    if (!noted_.contains(entry.key)) away.push_back(entry);
  }
  Record(0, SentRecord::What::kAway, away);
  noted_.clear();
}

void FeedHub::OnUpdates(std::span<const Update> updates, Monotonic now) {
  for (auto& [id, session] : sessions_) {
    if (faults_.Silenced(id, now) || !session.waiting.empty()) {
      RecordSkipped(id, session, updates);
      session.skipped += updates.size();
      metrics_.feed_skipped.Increment(static_cast<double>(updates.size()));
      continue;
    }
    for (const FeedFrame& frame : session.protocol->OnUpdates(updates, now)) {
      Send(id, session, frame);
    }
  }
  RecordAway(updates);
}

std::string FeedHub::Broken(SocketSet::Id id, FaultKind kind) const {
  const Session& session = sessions_.at(id);
  if (kind != FaultKind::kTruncated || !session.last_frame) return kGarbage;
  return session.last_frame->substr(0, session.last_frame->size() / 2);
}

std::vector<FeedHub::Shown> FeedHub::Show() const {
  std::vector<Shown> shown;
  for (const auto& [id, session] : sessions_) {
    Shown one{.id = id,
              .opened_ms = session.opened_ms,
              .counts = session.protocol->counts(),
              .skipped = session.skipped};
    for (std::size_t mode = 0; mode < kFeedModes; ++mode) {
      one.subscribed.at(mode) = session.protocol->subscribed(static_cast<FeedMode>(mode));
    }
    shown.push_back(std::move(one));
  }
  return shown;
}

}  // namespace sauda::sim
