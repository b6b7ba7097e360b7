#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/feed/src/core/broker_feed.hpp"
#include "services/feed/src/core/delta.hpp"
#include "services/feed/src/core/feed_desk.hpp"
#include "services/feed/src/core/frame_journal.hpp"
#include "services/feed/src/core/journal_reader.hpp"
#include "services/feed/src/core/subscription_store.hpp"
#include "services/feed/src/core/tick_store.hpp"
#include "services/feed/src/core/update.hpp"

namespace sauda::feed {

/// A listing of nothing but its key.
inline std::shared_ptr<const Listing> ListingOf(const std::string& key) {
  return std::make_shared<const Listing>(Listing{.key = key});
}

/// A tick of a key and a seq.
inline Tick TickOf(std::uint64_t seq, const std::string& key = "NSE_EQ|A") {
  return {.listing = ListingOf(key),
          .seq = seq,
          .received_ns = 1'765'771'200'000'000'000 + static_cast<std::int64_t>(seq)};
}

/// Bytes that a test can read: `<id>:<seq>` and a blank, with `s` before it when a snapshot.
class TextEncoder final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override {
    return Make(id, tick.seq, std::to_string(id) + ":" + std::to_string(tick.seq) + " ");
  }
  Update AsSnapshot(const Update& update) const override {
    return Make(update.instrument, update.seq, "s" + *update.bytes);
  }
  static Update Make(InstrumentId id, std::uint64_t seq, std::string text) {
    return {.instrument = id,
            .seq = seq,
            .bytes = std::make_shared<const std::string>(std::move(text))};
  }
};

/// A TextEncoder that keeps what it was given.
class KeepingEncoder final : public TickEncoder {
 public:
  Update Encode(InstrumentId id, const Tick& tick) override {
    ticks.push_back(tick);
    return text_.Encode(id, tick);
  }
  Update AsSnapshot(const Update& update) const override { return text_.AsSnapshot(update); }
  std::vector<Tick> ticks;

 private:
  TextEncoder text_;
};

/// Writes down what it is offered. Read it when the publisher has stopped, or through its thread.
struct RecordingSink final : UpdateSink {
  void Offer(const Update& update) override {
    seqs.push_back(update.seq);
    received.push_back(update.received_at);
    texts += *update.bytes;
  }
  void Flush() override { ++flushes; }
  void OnConnection(ConnectionState state) override { states.push_back(state); }
  void OnBeat() override { ++beats; }
  std::vector<std::uint64_t> seqs;
  std::vector<Monotonic> received;
  std::string texts;
  std::vector<ConnectionState> states;
  int beats = 0;
  int flushes = 0;
};

/// A TickStore in memory; may be told to fail, before or after it has kept what it was given.
/// Thread-safe.
class MemoryTickStore final : public TickStore {
 public:
  enum class Failure : std::uint8_t { kNone, kDown, kInDoubt, kRefusing };

  Result<void> Append(const StoreBatch& batch) override {
    const std::lock_guard lock{mutex_};
    const auto& [instance, segment, complete, ticks, gaps] = batch;
    ++calls_;
    if (failure_ == Failure::kDown) return Down();
    const bool refuses =
        failure_ == Failure::kRefusing ||
        std::any_of(ticks.begin(), ticks.end(),
                    [&](const Tick& tick) { return refused_.contains(tick.seq); }) ||
        std::any_of(gaps.begin(), gaps.end(),
                    [&](const Gap& gap) { return refused_causes_.contains(gap.cause); });
    if (refuses) return Error{Code::kInternal, "DATABASE_ERROR", "cannot be stored"};
    if (!ticks.empty() || complete) {
      StoreProgress& progress = progress_[instance];
      for (const Tick& tick : ticks) {
        if (tick.seq <= progress.last_seq) continue;
        ticks_.push_back(tick);
        progress.last_seq = tick.seq;
        progress.segment = segment;
      }
      progress.complete = progress.complete || complete;
    }
    for (const Gap& gap : gaps) gaps_.emplace(std::pair{instance, gap.number}, gap);
    if (failure_ == Failure::kInDoubt) {
      failure_ = Failure::kNone;
      return Error{Code::kUnavailable, "COMMIT_IN_DOUBT", "done or not, nobody knows"};
    }
    return {};
  }

  Result<std::map<std::string, StoreProgress>> Progress() override {
    const std::lock_guard lock{mutex_};
    if (failure_ == Failure::kDown) return Down();
    return progress_;
  }

  void Fail(Failure failure) {
    const std::lock_guard lock{mutex_};
    failure_ = failure;
  }
  void Refuse(std::uint64_t seq) {
    const std::lock_guard lock{mutex_};
    refused_.insert(seq);
  }
  void RefuseGaps(const std::string& cause) {
    const std::lock_guard lock{mutex_};
    refused_causes_.insert(cause);
  }
  std::vector<Tick> ticks() const {
    const std::lock_guard lock{mutex_};
    return ticks_;
  }
  std::vector<Gap> gaps() const {
    const std::lock_guard lock{mutex_};
    std::vector<Gap> gaps;
    for (const auto& [id, gap] : gaps_) gaps.push_back(gap);
    return gaps;
  }
  int calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
  }

 private:
  static Error Down() { return {Code::kUnavailable, "DATABASE_DOWN", "no database"}; }

  mutable std::mutex mutex_;  // guards the rest
  std::vector<Tick> ticks_;
  std::map<std::pair<std::string, std::uint64_t>, Gap> gaps_;  // by instance and number
  std::map<std::string, StoreProgress> progress_;              // by instance
  std::set<std::uint64_t> refused_;
  std::set<std::string> refused_causes_;
  Failure failure_ = Failure::kNone;
  int calls_ = 0;
};

/// Reads frames like `A B C`: one delta for each letter, priced by its place; `!` is garbage,
/// `info` a market status.
class LetterDecoder final : public FrameDecoder {
 public:
  Result<FrameHead> Decode(std::string_view bytes, DeltaSink& sink) override {
    if (bytes == "!") return Error{Code::kInvalidArgument, "FRAME_MALFORMED", "garbage"};
    FrameHead head{.broker_ms = 42};
    if (bytes == "info") {
      head.type = FrameType::kMarketInfo;
      head.segments["NSE_EQ"] = "NORMAL_OPEN";
      return head;
    }
    sink.OnHead(head);
    double price = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      Delta delta;
      delta.key = bytes.substr(i, 1);
      delta.last = LastTrade{.price = ++price, .time_ms = trade_ms};
      delta.snapshot = snapshot;
      sink.OnDelta(delta);
    }
    return head;
  }
  std::int64_t trade_ms = 0;  // of every letter
  bool snapshot = false;
};

/// A FrameJournal that writes down what it is given, one line each.
class RecordingJournal final : public FrameJournal {
 public:
  bool WantsState(std::int64_t) const override { return wants_state; }
  void PushState(const LatestTicks& latest) override {
    wants_state = false;
    std::string line = "state";
    for (const Tick& tick : latest.ticks) {
      if (tick.listing) line += " " + tick.listing->key + std::to_string(tick.seq);
    }
    lines.push_back(line);
  }
  void PushFrame(const JournaledFrame& frame) override {
    std::string line{frame.bytes};
    line += " from " + std::to_string(frame.first_seq) + ":";
    for (const std::int64_t each : frame.instruments) line += " " + std::to_string(each);
    if (frame.connection != 0) line += " by " + std::to_string(frame.connection);
    lines.push_back(line + (frame.simulated ? " simulated" : ""));
  }
  void SetOpenGap(std::uint32_t connection, std::optional<std::int64_t> from_ns) override {
    lines.push_back("open gap of " + std::to_string(connection) + ": " +
                    std::to_string(from_ns.value_or(0)));
  }
  void PushGap(const Gap& gap) override { lines.push_back("gap " + gap.cause); }
  mutable bool wants_state = false;
  std::vector<std::string> lines;
};

/// A JournalReader of what a test says is in it. Thread-safe.
class MemoryJournal final : public JournalReader {
 public:
  /// A frame for LetterDecoder; each letter is an instrument known by 5.
  void Frame(const std::string& bytes, std::uint64_t first_seq, std::uint64_t segment = 1) {
    Entry entry{.what = JournalItem::What::kFrame, .segment = segment, .bytes = bytes};
    entry.first_seq = first_seq;
    entry.instruments.assign(bytes.size() / 2 + 1, 5);
    Add(std::move(entry));
  }
  /// Frames of one tick each.
  void Frames(std::uint64_t first, std::uint64_t last, std::uint64_t segment = 1) {
    for (auto seq = first; seq <= last; ++seq) Frame("A", seq, segment);
  }
  void State(const std::string& bytes, std::uint64_t segment) {
    Entry entry{.what = JournalItem::What::kState, .segment = segment, .bytes = bytes};
    entry.instruments.assign(bytes.size() / 2 + 1, 5);
    Add(std::move(entry));
  }
  void Lost(const Gap& gap, std::uint64_t segment = 1) {
    Add({.what = JournalItem::What::kGap, .segment = segment, .gap = gap});
  }
  void End() { Add({.what = JournalItem::What::kEnd}); }
  /// What the calls above add to; the first is the oldest.
  void Of(const std::string& instance) {
    const std::lock_guard lock{mutex_};
    if (!runs_.contains(instance)) order_.push_back(instance);
    adding_to_ = &runs_[instance];
  }
  void FailReads(bool failing) {
    const std::lock_guard lock{mutex_};
    failing_ = failing;
  }
  void Plan(const Removal& removal) {
    const std::lock_guard lock{mutex_};
    planned_.push_back(removal);
  }
  std::vector<std::string> removed() const {
    const std::lock_guard lock{mutex_};
    return removed_;
  }

  Result<std::vector<std::string>> Instances(const std::string& own) override {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> instances = order_;
    std::erase(instances, own);
    instances.push_back(own);
    return instances;
  }
  void Open(const std::string& instance, std::uint64_t segment) override {
    const std::lock_guard lock{mutex_};
    reading_ = &runs_[instance];
    next_ = 0;
    while (next_ < reading_->size() && (*reading_)[next_].segment < segment) ++next_;
  }
  Result<JournalItem> Next(std::chrono::milliseconds wait) override {
    std::unique_lock lock{mutex_};
    if (failing_) return Error{Code::kUnavailable, "IO_FAILED", "the disk is broken"};
    if (!added_.wait_for(lock, wait, [this] { return next_ < reading_->size(); })) {
      return JournalItem{};
    }
    current_ = (*reading_)[next_++];
    return JournalItem{.what = current_.what,
                       .segment = current_.segment,
                       .frame = {.bytes = current_.bytes,
                                 .received_ns = TickOf(current_.first_seq).received_ns,
                                 .first_seq = current_.first_seq,
                                 .instruments = current_.instruments},
                       .gap = current_.gap};
  }
  /// What was said to be stored when removals were asked for last.
  std::map<std::string, StoreProgress> stored() const {
    const std::lock_guard lock{mutex_};
    return stored_;
  }
  Result<std::vector<Removal>> PlanRetention(
      const std::map<std::string, StoreProgress>& stored) override {
    const std::lock_guard lock{mutex_};
    stored_ = stored;
    return std::exchange(planned_, {});
  }
  Result<void> Remove(const Removal& removal) override {
    const std::lock_guard lock{mutex_};
    removed_.push_back(removal.file);
    return {};
  }

 private:
  struct Entry {
    JournalItem::What what = JournalItem::What::kNothing;
    std::uint64_t segment = 0;
    std::string bytes;
    std::uint64_t first_seq = 0;
    std::vector<std::int64_t> instruments;
    Gap gap;
  };
  using Run = std::deque<Entry>;

  void Add(Entry entry) {
    {
      const std::lock_guard lock{mutex_};
      adding_to_->push_back(std::move(entry));
    }
    added_.notify_all();
  }

  mutable std::mutex mutex_;  // guards the rest but current_
  std::condition_variable added_;
  std::vector<std::string> order_;
  std::map<std::string, Run> runs_;
  Run* adding_to_ = nullptr;
  Run* reading_ = nullptr;
  std::size_t next_ = 0;
  bool failing_ = false;
  std::vector<Removal> planned_;
  std::map<std::string, StoreProgress> stored_;
  std::vector<std::string> removed_;
  Entry current_;  // the reading thread's
};

/// A SubscriptionStore in memory. Thread-safe.
class MemorySubscriptionStore final : public SubscriptionStore {
 public:
  Result<KeptState> Load() override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    return state_;
  }
  Result<void> Save(const KeptChanges& changes) override {
    const std::lock_guard lock{mutex_};
    if (down_) return Down();
    auto& kept = state_.subscriptions;
    for (const auto& put : changes.put) {
      const auto found = Find(put.listing.key);
      if (found != kept.end()) {
        *found = put;
      } else {
        kept.push_back(put);
      }
    }
    for (const auto& key : changes.remove) {
      if (const auto found = Find(key); found != kept.end()) kept.erase(found);
    }
    if (changes.connected) state_.connected = *changes.connected;
    return {};
  }
  void SetDown(bool down) {
    const std::lock_guard lock{mutex_};
    down_ = down;
  }

 private:
  static Error Down() { return {Code::kUnavailable, "DATABASE_DOWN", "no database"}; }
  std::vector<KeptSubscription>::iterator Find(const std::string& key) {
    auto& kept = state_.subscriptions;
    return std::find_if(kept.begin(), kept.end(),
                        [&](const auto& each) { return each.listing.key == key; });
  }

  mutable std::mutex mutex_;  // guards the rest
  KeptState state_;
  bool down_ = false;
};

/// A broker that a test plays. Thread-safe; frames are sent on the test's thread.
class ScriptedBroker final : public BrokerFeed {
 public:
  OpenOutcome Open(const BrokerToken& token, BrokerFeedEvents& events) override {
    const std::lock_guard lock{mutex_};
    ++attempts_;
    last_version_ = token.version;
    if (!outcomes_.empty()) {
      OpenOutcome outcome = outcomes_.front();
      outcomes_.erase(outcomes_.begin());
      if (outcome.failure) return outcome;
    }
    events_ = &events;
    ++opens_;
    return {};
  }
  Result<void> Send(const SubscriptionRequest& request) override {
    const std::lock_guard lock{mutex_};
    if (refuse_sends_) return Error{Code::kUnavailable, "NOT_CONNECTED", "no socket"};
    sent_.push_back(request);
    return {};
  }
  void Close() override {
    const std::lock_guard lock{mutex_};
    events_ = nullptr;
    ++closes_;
  }

  void FailNext(OpenOutcome outcome) {
    const std::lock_guard lock{mutex_};
    outcomes_.push_back(std::move(outcome));
  }
  void RefuseSends(bool refuse) {
    const std::lock_guard lock{mutex_};
    refuse_sends_ = refuse;
  }
  void Frame(std::int64_t received_ns, std::string_view bytes = "frame") {
    if (auto* const events = Events()) {
      events->OnFrame({.bytes = bytes,
                       .received_ns = received_ns,
                       .received_at = std::chrono::steady_clock::now()});
    }
  }
  void Drop(const std::string& why) {
    if (auto* const events = Events()) events->OnClosed(why);
  }
  int attempts() const { return Read(attempts_); }
  int opens() const { return Read(opens_); }
  int closes() const { return Read(closes_); }
  std::uint64_t last_version() const { return Read(last_version_); }
  std::vector<SubscriptionRequest> sent() const { return Read(sent_); }

 private:
  template <typename T>
  T Read(const T& value) const {
    const std::lock_guard lock{mutex_};
    return value;
  }
  BrokerFeedEvents* Events() const { return Read(events_); }

  mutable std::mutex mutex_;  // guards the rest
  std::vector<OpenOutcome> outcomes_;
  BrokerFeedEvents* events_ = nullptr;
  std::vector<SubscriptionRequest> sent_;
  bool refuse_sends_ = false;
  int attempts_ = 0;
  int opens_ = 0;
  int closes_ = 0;
  std::uint64_t last_version_ = 0;
};

/// Knows the names it is given, each as its own key, and lists what it is told to. Thread-safe
/// while `lists` and `queries` are left alone.
class MemoryDirectory final : public InstrumentDirectory {
 public:
  explicit MemoryDirectory(std::set<std::string> names) : names_{std::move(names)} {}
  Result<std::vector<std::optional<Listing>>> Find(const std::vector<std::string>& names,
                                                   const std::string& /*request_id*/) override {
    std::vector<std::optional<Listing>> listings;
    for (const auto& name : names) {
      listings.emplace_back();
      if (!names_.contains(name)) continue;
      listings.back() = Listing{.key = name, .instrument_id = 7, .symbol = "SYMBOL"};
      const auto contract = contracts.find(name);
      if (contract == contracts.end()) continue;
      listings.back()->kind = Kind::kFuture;
      listings.back()->underlying = contract->second;
    }
    return listings;
  }
  Result<FoundListings> List(const InstrumentQuery& query,
                             const std::string& /*request_id*/) override {
    queries.push_back(query);
    const std::vector<std::string>& keys = lists[query.kind];
    FoundListings found{.total = keys.size()};
    for (const std::string& key : keys) {
      if (found.listings.size() == query.limit) break;
      found.listings.push_back({.key = key, .instrument_id = 7, .kind = query.kind});
    }
    return found;
  }

  std::map<Kind, std::vector<std::string>> lists;  ///< keys of each kind, in the order of a list
  std::vector<InstrumentQuery> queries;            ///< that List was asked
  std::map<std::string, std::string> contracts;    ///< names that are futures, and on what

 private:
  const std::set<std::string> names_;
};

}  // namespace sauda::feed
