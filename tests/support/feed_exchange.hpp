#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "services/feed/src/core/broker_feed.hpp"
#include "services/feed/src/core/delta.hpp"

namespace sauda::feed {

/// Reads frames like `A5 B7`, a key and the number of its message each, and `s A5` for a snapshot.
/// The number is the quantity of the last trade; `A5@9` says its time too.
class NumberDecoder final : public FrameDecoder {
 public:
  explicit NumberDecoder(Mode mode = Mode::kFull) : mode_{mode} {}

  Result<FrameHead> Decode(std::string_view bytes, DeltaSink& sink) override {
    FrameHead head{.broker_ms = 42};
    if (bytes.starts_with("s ")) {
      head.type = FrameType::kInitial;
      bytes.remove_prefix(2);
    }
    sink.OnHead(head);
    while (!bytes.empty()) {
      const std::string word{bytes.substr(0, bytes.find(' '))};
      bytes.remove_prefix(std::min(bytes.size(), word.size() + 1));
      const std::size_t digits = word.find_first_of("0123456789");
      Delta delta{.mode = mode_, .snapshot = head.type == FrameType::kInitial};
      delta.key = std::string_view{word}.substr(0, digits);
      const std::size_t at = word.find('@');
      delta.last =
          LastTrade{.price = 1,
                    .time_ms = at == std::string::npos ? 0 : std::stoll(word.substr(at + 1)),
                    .quantity = std::stoll(word.substr(digits))};
      sink.OnDelta(delta);
    }
    return head;
  }

 private:
  const Mode mode_;
};

/// A broker that numbers the messages of each key, and sends them to every socket that asks for it,
/// which reads at a pace of its own. Thread-safe.
class NumberedExchange {
 public:
  /// `most_open`: more sockets are refused.
  explicit NumberedExchange(std::size_t most_open) : most_open_{most_open} {}

  class Socket final : public BrokerFeed {
   public:
    explicit Socket(NumberedExchange& exchange) : exchange_{exchange} {}
    ~Socket() override { Close(); }

    OpenOutcome Open(const BrokerToken&, BrokerFeedEvents& events) override {
      Close();
      const std::lock_guard lock{exchange_.mutex_};
      if (exchange_.open_.size() >= exchange_.most_open_) {
        return {.failure = Error{Code::kPermissionDenied, "FEED_REFUSED", "one too many"}};
      }
      exchange_.open_.insert(this);
      open_ = true;
      thread_ = std::thread{[this, &events] { Read(events); }};
      return {};
    }
    Result<void> Send(const SubscriptionRequest& request) override {
      const std::lock_guard lock{exchange_.mutex_};
      for (const std::string& key : request.keys) {
        if (!request.subscribe) {
          keys_.erase(key);
          continue;
        }
        keys_.insert(key);
        const auto number = exchange_.numbers_.find(key);
        if (number != exchange_.numbers_.end()) Push("s " + key + std::to_string(number->second));
      }
      return {};
    }
    void Close() override {
      {
        const std::lock_guard lock{exchange_.mutex_};
        exchange_.open_.erase(this);
        open_ = false;
        keys_.clear();
        changed_.notify_all();
      }
      if (thread_.joinable()) thread_.join();
      frames_.clear();
    }

   private:
    friend NumberedExchange;
    void Push(std::string frame) {
      frames_.push_back(std::move(frame));
      changed_.notify_all();
    }
    void Read(BrokerFeedEvents& events) {
      std::minstd_rand random{std::random_device{}()};
      std::unique_lock lock{exchange_.mutex_};
      for (;;) {
        changed_.wait(lock, [&] { return !open_ || !frames_.empty(); });
        if (!open_) return;
        const std::string frame = std::move(frames_.front());
        frames_.pop_front();
        lock.unlock();
        for (auto i = random() % 50; i > 0; --i) std::this_thread::yield();
        events.OnFrame({.bytes = frame,
                        .received_ns = static_cast<std::int64_t>(exchange_.clock_.UtcNs()),
                        .received_at = exchange_.clock_.Now()});
        lock.lock();
        exchange_.read_.notify_all();
      }
    }

    NumberedExchange& exchange_;
    std::condition_variable changed_;
    bool open_ = false;  // guarded by the exchange's mutex, as is all below
    std::set<std::string> keys_;
    std::deque<std::string> frames_;  // not read yet
    std::thread thread_;              // its owner's
  };

  /// One message more of a key; waits while a socket has many to read.
  void Say(const std::string& key) {
    std::unique_lock lock{mutex_};
    read_.wait(lock, [&] {
      return std::all_of(open_.begin(), open_.end(),
                         [](const Socket* each) { return each->frames_.size() < 100; });
    });
    const std::int64_t number = ++numbers_[key];
    for (Socket* const socket : open_) {
      if (socket->keys_.contains(key)) socket->Push(key + std::to_string(number));
    }
  }
  /// The last of a key.
  std::int64_t NumberOf(const std::string& key) {
    const std::lock_guard lock{mutex_};
    return numbers_[key];
  }
  std::size_t open() {
    const std::lock_guard lock{mutex_};
    return open_.size();
  }
  /// Sockets that carry a key.
  std::size_t Carriers(const std::string& key) {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(std::count_if(
        open_.begin(), open_.end(), [&](const Socket* each) { return each->keys_.contains(key); }));
  }

 private:
  const std::size_t most_open_;
  const SystemClock clock_;
  std::mutex mutex_;  // guards the rest, and the sockets
  std::condition_variable read_;
  std::map<std::string, std::int64_t> numbers_;
  std::set<Socket*> open_;
};

}  // namespace sauda::feed
