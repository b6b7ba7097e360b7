#include "libs/storage/pg_pool.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/base/check.hpp"
#include "libs/storage/connection_url.hpp"

namespace sauda::storage {

/// An open connection, and a second descriptor of its socket: the watch may shut that down at any
/// moment, while libpq may have closed (and somebody else re-used) the number of the first.
struct PgPool::Connection {
  explicit Connection(const std::string& text) : session{text}, socket{::dup(session.sock())} {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    session.inhibit_reactivation(true);  // deprecated, and the only way in libpqxx 6.4
#pragma GCC diagnostic pop
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (socket >= 0) ::close(socket);
  }

  /// An idle connection has nothing to say: bytes, or an end, mean that the server gave it up.
  bool Stale() const {
    pollfd idle{.fd = socket, .events = POLLIN, .revents = 0};
    return socket < 0 || !session.is_open() || ::poll(&idle, 1, 0) != 0;
  }

  pqxx::connection session;
  const pqxx::quiet_errorhandler quiet{session};  // else notices go to stderr
  const int socket;
  std::chrono::steady_clock::time_point deadline;  // while borrowed
  bool cut = false;                                // by the watch; guarded by the pool's mutex
};

PgPool::PgPool(PgOptions options)
    : options_{std::move(options)},
      idle_(std::max<std::size_t>(options_.size, 1)),
      watch_{[this](const std::stop_token& stop) { Watch(stop); }} {}

PgPool::~PgPool() {
  const std::lock_guard lock{mutex_};
  Check(in_use_.empty(), "a pool outlives its transactions");
}

PgPool::Statistics PgPool::statistics() const {
  const std::lock_guard lock{mutex_};
  auto statistics = statistics_;
  statistics.in_use = in_use_.size();
  return statistics;
}

Result<void> PgPool::Ping() {
  return Transact([](pqxx::work& work) -> Result<void> {
    work.exec("SELECT 1");
    return {};
  });
}

Error PgPool::Described(Code code, const char* reason, const std::string& what) const {
  std::string message = ScrubUrl(what, options_.url);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  return {code, reason, std::move(message)};
}

Result<void> PgPool::Run(const std::function<void(pqxx::connection&)>& body, WhenLost when_lost) {
  auto connection = Borrow();
  if (!connection) {
    const std::lock_guard lock{mutex_};
    ++statistics_.failures;
    return connection.error();
  }
  const auto lost = [&](const std::exception& e) {
    return when_lost == WhenLost::kInDoubt
               ? Described(Code::kUnavailable, "COMMIT_IN_DOUBT", e.what())
               : Described(Code::kUnavailable, "DATABASE_DOWN", e.what());
  };
  const auto run = [&]() -> Result<void> {
    try {
      body((*connection)->session);
      return {};
    } catch (const pqxx::broken_connection& e) {
      return lost(e);
    } catch (const pqxx::in_doubt_error& e) {
      return Described(Code::kUnavailable, "COMMIT_IN_DOUBT", e.what());
    } catch (const pqxx::transaction_rollback& e) {
      return Described(Code::kAborted, "CONFLICT", e.what());
    } catch (const std::exception& e) {
      // libpqxx has no one exception for a connection that ended between two steps.
      if (!(*connection)->session.is_open()) return lost(e);
      const auto* const refused = dynamic_cast<const pqxx::sql_error*>(&e);
      if (refused == nullptr) return Described(Code::kInternal, "DATABASE_ERROR", e.what());
      return FromSqlState(refused->sqlstate(), ScrubUrl(e.what(), options_.url));
    }
  };
  auto result = run();
  if (!result) {
    const std::lock_guard lock{mutex_};
    ++statistics_.failures;
  }
  GiveBack(std::move(*connection));
  return result;
}

Result<std::unique_ptr<PgPool::Connection>> PgPool::Borrow() {
  std::unique_lock lock{mutex_};
  ++statistics_.borrowed;
  if (idle_.empty()) ++statistics_.waits;
  if (!changed_.wait_for(lock, options_.borrow_deadline, [this] { return !idle_.empty(); })) {
    return Error{Code::kUnavailable, "DATABASE_BUSY",
                 "no connection to PostgreSQL was free within " +
                     std::to_string(options_.borrow_deadline.count()) + " ms"};
  }
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  lock.unlock();
  if (connection && connection->Stale()) connection.reset();
  if (!connection) {
    auto opened = Open();
    if (!opened) {
      GiveBack(nullptr);
      return opened.error();
    }
    connection = std::move(*opened);
  }
  lock.lock();
  connection->deadline = std::chrono::steady_clock::now() + options_.answer_deadline;
  in_use_.emplace(connection->deadline, connection.get());
  changed_.notify_all();  // the watch has a deadline more
  return connection;
}

Result<std::unique_ptr<PgPool::Connection>> PgPool::Open() {
  const auto text = ConnectionText(options_);
  if (!text) return text.error();
  try {
    auto connection = std::make_unique<Connection>(*text);
    const std::lock_guard lock{mutex_};
    ++statistics_.opened;
    return connection;
  } catch (const std::exception& e) {
    return Described(Code::kUnavailable, "DATABASE_DOWN", e.what());
  }
}

void PgPool::GiveBack(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock{mutex_};
    if (connection) {
      const auto [begin, end] = in_use_.equal_range(connection->deadline);
      const auto own = std::find_if(
          begin, end, [&](const auto& entry) { return entry.second == connection.get(); });
      if (own != end) in_use_.erase(own);
    }
  }
  // Outside the lock: closing may write to the network.
  if (connection && (connection->cut || !connection->session.is_open())) connection.reset();
  const std::lock_guard lock{mutex_};
  idle_.push_back(std::move(connection));
  changed_.notify_all();
}

PgPool::Connection* PgPool::NextToCut() const {
  const auto next =
      std::find_if(in_use_.begin(), in_use_.end(), [](const auto& e) { return !e.second->cut; });
  return next == in_use_.end() ? nullptr : next->second;
}

void PgPool::Watch(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    Connection* const next = NextToCut();
    if (next == nullptr) {
      changed_.wait(lock, stop, [this] { return NextToCut() != nullptr; });
    } else if (next->deadline > std::chrono::steady_clock::now()) {
      const auto until = next->deadline;  // a copy: the connection may die meanwhile
      changed_.wait_until(lock, stop, until, [&] {
        const Connection* const now_next = NextToCut();
        return now_next == nullptr || now_next->deadline != until;
      });
    } else {
      next->cut = true;
      ::shutdown(next->socket, SHUT_RDWR);  // wakes libpq with a broken connection
    }
  }
}

}  // namespace sauda::storage
