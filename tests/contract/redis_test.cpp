#include "libs/storage/redis.hpp"

#include <cstdlib>
#include <future>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "libs/storage/redis_lock.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/raw_listener.hpp"
#include "tests/support/test_database.hpp"

namespace sauda::storage {
namespace {

using namespace std::chrono_literals;

class RedisTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const url = std::getenv("SAUDA_TEST_REDIS");
    if (url == nullptr) GTEST_SKIP() << kNoStores;
    IgnoreSigPipe();
    options_.url = Secret{url};
    redis_ = std::make_unique<Redis>(options_);
    key_ = "test:" + std::to_string(std::random_device{}());
  }
  /// Ends our one connection from the server's side.
  void CutConnection() {
    const std::vector<std::string_view> who{"CLIENT", "ID"};
    const std::string id = std::to_string(redis_->Command(who)->integer);
    Redis other{options_};
    const std::vector<std::string_view> kill{"CLIENT", "KILL", "ID", id};
    ASSERT_TRUE(other.Command(kill));
  }
  RedisOptions options_;
  std::unique_ptr<Redis> redis_;
  std::string key_;
};

TEST_F(RedisTest, KeepsAnyBytes) {
  const std::string bytes{"\0\r\n\xff binary", 10};
  ASSERT_TRUE(*redis_->Set(key_, bytes));
  EXPECT_EQ(**redis_->Get(key_), bytes);
  EXPECT_TRUE(*redis_->Delete(key_));
  EXPECT_FALSE(*redis_->Delete(key_));
  EXPECT_FALSE(*redis_->Get(key_));
}

TEST_F(RedisTest, SetsOnlyWhatIsAbsentAndForAWhile) {
  EXPECT_TRUE(*redis_->Set(key_, "a", {.life = 60s, .only_if_absent = true}));
  EXPECT_FALSE(*redis_->Set(key_, "b", {.life = 60s, .only_if_absent = true}));
  EXPECT_EQ(**redis_->Get(key_), "a");
  const std::vector<std::string_view> ttl{"PTTL", key_};
  EXPECT_GT(redis_->Command(ttl)->integer, 50'000);
  EXPECT_TRUE(*redis_->Expire(key_, 10s));
  EXPECT_LE(redis_->Command(ttl)->integer, 10'000);
  EXPECT_EQ(**redis_->GetDelete(key_), "a");
  EXPECT_FALSE(*redis_->GetDelete(key_));
  EXPECT_FALSE(*redis_->Expire(key_, 10s));
}

TEST_F(RedisTest, RunsAScriptThatTheServerDoesNotKnowYet) {
  const RedisScript script{"return {KEYS[1], ARGV[1], 7, false} -- " + key_};
  const std::vector<std::string> keys{key_};
  const std::vector<std::string> arguments{"x"};
  for (int i = 0; i < 2; ++i) {
    const auto reply = redis_->Eval(script, keys, arguments);
    ASSERT_TRUE(reply) << reply.error().message;
    ASSERT_EQ(reply->elements.size(), 4U);
    EXPECT_EQ(reply->elements[0].text, key_);
    EXPECT_EQ(reply->elements[1].text, "x");
    EXPECT_EQ(reply->elements[2].integer, 7);
    EXPECT_EQ(reply->elements[3].type, RedisReply::Type::kNil);
  }
}

TEST_F(RedisTest, ReportsWhatRedisRefusesAndKeepsTheConnection) {
  ASSERT_TRUE(*redis_->Set(key_, "text"));
  const std::vector<std::string_view> push{"LPUSH", key_, "x"};
  EXPECT_EQ(redis_->Command(push).error().reason, "REDIS_ERROR");
  EXPECT_TRUE(redis_->Ping());
  EXPECT_EQ(redis_->statistics().opened, 1U);
  (void)redis_->Delete(key_);
}

TEST_F(RedisTest, ReconnectsAfterTheServerEndedTheConnection) {
  ASSERT_TRUE(redis_->Ping());
  CutConnection();
  const auto again = redis_->Ping();
  EXPECT_TRUE(again) << again.error().message;
  EXPECT_EQ(redis_->statistics().opened, 2U);
}

TEST_F(RedisTest, TimesOutWhenRedisIsBusyAndWorksOnAfterwards) {
  options_.command_timeout = 1s;
  Redis hasty{options_};
  const std::vector<std::string_view> block{"BLPOP", key_, "30"};
  const auto late = hasty.Command(block);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, "REDIS_TIMEOUT") << late.error().message;
  EXPECT_EQ(late.error().code, Code::kUnavailable);
  EXPECT_TRUE(hasty.Ping()) << "a late answer is never taken for that of the next command";
}

TEST_F(RedisTest, ServesManyThreadsWithFewConnections) {
  options_.size = 2;
  Redis shared{options_};
  std::vector<std::future<int>> workers;
  for (int worker = 0; worker < 8; ++worker) {
    workers.push_back(std::async(std::launch::async, [&, worker] {
      int right = 0;
      for (int i = 0; i < 200; ++i) {
        const std::string key = key_ + ":" + std::to_string(worker);
        const std::string value = std::to_string(i);
        if (shared.Set(key, value, {.life = 60s}) && shared.Get(key)->value_or("") == value)
          ++right;
      }
      return right;
    }));
  }
  for (auto& worker : workers) EXPECT_EQ(worker.get(), 200);
  EXPECT_LE(shared.statistics().opened, 2U);
}

TEST_F(RedisTest, IsDownWithTheWrongPasswordAndDoesNotShowIt) {
  auto wrong = options_.url.Reveal();
  const auto at = wrong.find('@');
  wrong = "redis://:canary-pw" + wrong.substr(at);
  Redis stranger{{.url = Secret{wrong}}};
  const auto refused = stranger.Ping();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "REDIS_DOWN");
  EXPECT_EQ(refused.error().message.find("canary"), std::string::npos);
}

TEST_F(RedisTest, LockIsHeldByOneAndFreeAfterRelease) {
  auto first = RedisLock::Acquire(*redis_, key_, 30s);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE((*first)->held());
  const auto second = RedisLock::Acquire(*redis_, key_, 30s);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "LOCK_HELD");
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid()) + " of host "),
            std::string::npos)
      << second.error().message;
  ASSERT_TRUE((*first)->Release());
  EXPECT_FALSE((*first)->held());
  EXPECT_TRUE(RedisLock::Acquire(*redis_, key_, 30s));
}

TEST_F(RedisTest, LockOutlivesItsFirstLifeWhileItsHolderLives) {
  const auto lock = RedisLock::Acquire(*redis_, key_, 2s);
  ASSERT_TRUE(lock);
  // Waiting is the point: a whole life and more passes.
  const auto until = std::chrono::steady_clock::now() + 3s;
  while (std::chrono::steady_clock::now() < until) {
    EXPECT_FALSE(RedisLock::Acquire(*redis_, key_, 2s));
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_TRUE((*lock)->held());
}

TEST_F(RedisTest, LockThatAnotherTookIsLostAndNotReleased) {
  const auto lock = RedisLock::Acquire(*redis_, key_, 30s);
  ASSERT_TRUE(lock);
  ASSERT_TRUE(redis_->Set(key_, "another's"));
  EXPECT_FALSE(*(*lock)->Renew());
  EXPECT_FALSE((*lock)->held());
  ASSERT_TRUE((*lock)->Release());
  EXPECT_EQ(**redis_->Get(key_), "another's");
  (void)redis_->Delete(key_);
}

/// A Redis that takes a lock for the caller and loses the answer. Nothing else is kept by it.
class ForgetfulRedis {
 public:
  int port() const { return listener_.port(); }
  /// The value of the lock that somebody holds.
  std::string holder() const {
    const std::lock_guard lock{mutex_};
    return holder_;
  }

 private:
  void Play(RawListener::Peer& peer) {
    const std::string command = peer.HearUntil("$");
    const auto words = Words(command + Rest(peer, command));
    const std::lock_guard lock{mutex_};
    if (words.front() == "SET") {
      holder_ = words.at(2);  // and not a word
    } else if (words.front() == "EVALSHA") {
      if (words.back() == holder_) holder_.clear();
      peer.Say(":1\r\n");
    }
  }
  /// The rest of a command, which may come in pieces.
  static std::string Rest(RawListener::Peer& peer, const std::string& begun) {
    std::string all = begun;
    while (!Complete(all)) {
      const std::string more = peer.HearUntil("\r\n");
      if (more.empty()) break;
      all += more;
    }
    return all.substr(begun.size());
  }
  /// The protocol's `*<count> $<size> <word> ...`, each line with its end.
  static std::vector<std::string> Words(const std::string& text) {
    std::vector<std::string> words;
    std::size_t at = text.find('$');
    while (at != std::string::npos) {
      const auto line_end = text.find("\r\n", at);
      if (line_end == std::string::npos) break;
      const auto size = std::stoul(text.substr(at + 1, line_end - at - 1));
      if (text.size() < line_end + 2 + size + 2) break;
      words.push_back(text.substr(line_end + 2, size));
      at = text.find('$', line_end + 2 + size);
    }
    return words;
  }
  static bool Complete(const std::string& text) {
    return Words(text).size() == std::stoul(text.substr(1));
  }

  mutable std::mutex mutex_;
  std::string holder_;  // guarded by mutex_
  RawListener listener_{[this](RawListener::Peer& peer) { Play(peer); }};
};

TEST(RedisLockTest, IsGivenUpWhenTheAnswerToItsTakingIsLost) {
  const ForgetfulRedis server;
  Redis redis{{.url = Secret{"redis://127.0.0.1:" + std::to_string(server.port())}}};
  const auto lock = RedisLock::Acquire(redis, "lock", 30s);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, Code::kUnavailable);
  EXPECT_EQ(server.holder(), "") << "nobody knows that he holds it";
}

TEST(RedisWithoutServerTest, IsDownEachTime) {
  Redis redis{{.url = Secret{"redis://:pw@127.0.0.1:1/0"}, .size = 1}};
  for (int i = 0; i < 2; ++i) {  // twice: the slot must come back
    const auto down = redis.Ping();
    ASSERT_FALSE(down);
    EXPECT_EQ(down.error().reason, "REDIS_DOWN");
  }
  EXPECT_EQ(redis.statistics().failures, 2U);
}

struct UrlCase {
  std::string name;
  std::string url;
};
class RedisUrlTest : public testing::TestWithParam<UrlCase> {};

TEST_P(RedisUrlTest, IsRefusedWithoutItsPassword) {
  Redis redis{{.url = Secret{GetParam().url}}};
  const auto refused = redis.Ping();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "REDIS_URL_MALFORMED");
  EXPECT_EQ(refused.error().message.find("canary"), std::string::npos) << refused.error().message;
}
INSTANTIATE_TEST_SUITE_P(Malformed, RedisUrlTest,
                         testing::Values(UrlCase{"Scheme", "rediss://:canary@h:1"},
                                         UrlCase{"NoHost", "redis://:canary@:1"},
                                         UrlCase{"Port", "redis://:canary@h:x"},
                                         UrlCase{"PortTooLarge", "redis://:canary@h:65536"},
                                         UrlCase{"Database", "redis://:canary@h:1/x"},
                                         UrlCase{"Slash", "redis://:x/canary@h:1/zero"},
                                         UrlCase{"QuestionMark", "redis://:x?canary@h:1/zero"}),
                         CaseName{});

}  // namespace
}  // namespace sauda::storage
