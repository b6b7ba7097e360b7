#include "libs/storage/pg_copy.hpp"

#include <cerrno>
#include <cstdlib>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

#include "libs/base/check.hpp"
#include "libs/storage/connection_url.hpp"

namespace sauda::storage {
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

std::uint64_t RowsAffected(const PGresult* answer) {
  return std::strtoull(PQcmdTuples(const_cast<PGresult*>(answer)), nullptr, 10);
}

bool IsFailure(const PGresult* answer) {
  const auto status = PQresultStatus(answer);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

/// One open connection in libpq's nonblocking mode: every wait is a poll with a deadline.
class CopyConnection::Session final : public CopyTransaction {
 public:
  static Result<std::unique_ptr<Session>> Open(const PgOptions& options) {
    const auto text = ConnectionText(options);
    if (!text) return text.error();
    std::unique_ptr<Session> session{new Session{options, PQconnectdb(text->c_str())}};
    if (PQstatus(session->pg_.get()) != CONNECTION_OK || PQsetnonblocking(session->pg_.get(), 1)) {
      return session->Lost();
    }
    PQsetNoticeProcessor(
        session->pg_.get(), [](void*, const char*) {}, nullptr);  // else notices go to stderr
    return session;
  }

  /// Lost connections stay lost: the owner drops them.
  bool good() const { return !lost_ && PQstatus(pg_.get()) == CONNECTION_OK; }

  /// Idle, the server has nothing to say: bytes, or an end, mean that it gave the session up.
  bool Stale() const {
    pollfd idle{.fd = PQsocket(pg_.get()), .events = POLLIN, .revents = 0};
    return !good() || ::poll(&idle, 1, 0) != 0;
  }

  Result<std::uint64_t> Exec(const std::string& sql) override {
    if (!PQsendQuery(pg_.get(), sql.c_str())) return Lost();
    std::uint64_t rows = 0;
    const auto done = Answers([&](const PGresult* answer) { rows = RowsAffected(answer); });
    if (!done) return done.error();
    return rows;
  }

  Result<TextRows> Query(const std::string& sql,
                         std::span<const std::optional<std::string>> parameters) override {
    if (auto sent = SendQuery(sql, parameters, 0); !sent) return sent.error();
    TextRows rows;
    const auto done = Answers([&](const PGresult* answer) {
      for (int row = 0; row < PQntuples(answer); ++row) {
        auto& columns = rows.emplace_back();
        for (int column = 0; column < PQnfields(answer); ++column) {
          if (PQgetisnull(answer, row, column)) {
            columns.emplace_back();
          } else {
            columns.emplace_back(
                std::string{PQgetvalue(answer, row, column),
                            static_cast<std::size_t>(PQgetlength(answer, row, column))});
          }
        }
      }
    });
    if (!done) return done.error();
    return rows;
  }

  Result<void> QueryBinary(const std::string& sql,
                           std::span<const std::optional<std::string>> parameters,
                           const std::function<Result<void>(BinaryRow&)>& take) override {
    if (auto sent = SendQuery(sql, parameters, 1); !sent) return sent.error();
    Result<void> taken;
    std::vector<std::optional<std::string_view>> columns;
    const auto done = Answers([&](const PGresult* answer) {
      columns.resize(static_cast<std::size_t>(PQnfields(answer)));
      for (int row = 0; row < PQntuples(answer) && taken; ++row) {
        for (int column = 0; column < PQnfields(answer); ++column) {
          auto& bytes = columns[static_cast<std::size_t>(column)];
          bytes.reset();
          if (PQgetisnull(answer, row, column)) continue;
          bytes.emplace(PQgetvalue(answer, row, column),
                        static_cast<std::size_t>(PQgetlength(answer, row, column)));
        }
        BinaryRow reading{columns};
        taken = take(reading);
        if (taken && !reading.good()) {
          taken = Error{Code::kInternal, "DATABASE_ERROR", "a row is not of the types expected"};
        }
      }
    });
    return done ? taken : done;
  }

  Result<std::uint64_t> CopyIn(const std::string& sql,
                               const std::function<Result<void>(BinaryRows&)>& fill) override {
    if (!PQsendQuery(pg_.get(), sql.c_str())) return Lost();
    if (const auto flushed = Flush(); !flushed) return flushed.error();
    auto begun = Next();
    if (!begun) return begun.error();
    if (PQresultStatus(begun->get()) != PGRES_COPY_IN) {
      const auto failed = IsFailure(begun->get()) ? Described(begun->get())
                                                  : Error{Code::kInternal, "DATABASE_ERROR",
                                                          "not a COPY ... FROM STDIN: " + sql};
      (void)Answers([](const PGresult*) {});  // leaves nothing behind for the next statement
      return failed;
    }
    Result<void> sent;
    BinaryRows rows{[&](std::string_view bytes) {
      sent = Send(bytes);
      return sent.has_value();
    }};
    auto filled = fill(rows);
    if (filled) rows.Finish();
    if (sent) sent = EndCopy(filled ? nullptr : "the rows ended with an error");
    if (lost_) return sent.error();
    std::uint64_t copied = 0;
    const auto done = Answers([&](const PGresult* answer) { copied = RowsAffected(answer); });
    if (!filled) return filled.error();  // the server's complaint about it is no news
    if (!done) return done.error();      // why the server ended the copy, if it did
    if (!sent) return sent.error();
    return copied;
  }

  /// Like Exec, for the statement after which a loss leaves the outcome unknown.
  Result<void> Commit() {
    const auto done = Exec("COMMIT");
    if (done) return {};
    if (good()) return done.error();
    return Error{Code::kUnavailable, "COMMIT_IN_DOUBT", done.error().message};
  }

 private:
  Session(const PgOptions& options, PGconn* pg) : options_{options}, pg_{pg, PQfinish} {
    Check(pg != nullptr, "libpq has memory for a connection");
  }

  /// `format` 0: rows as text, 1: in binary. A NUL is refused: libpq would end the value there.
  Result<void> SendQuery(const std::string& sql,
                         std::span<const std::optional<std::string>> parameters, int format) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& value : parameters) {
      if (value && value->find('\0') != std::string::npos) {
        return Error{Code::kInternal, "DATABASE_ERROR", "a parameter holds a NUL"};
      }
      values.push_back(value ? value->c_str() : nullptr);
    }
    const bool sent = PQsendQueryParams(pg_.get(), sql.c_str(), static_cast<int>(values.size()),
                                        nullptr, values.data(), nullptr, nullptr, format) != 0;
    if (!sent) return Lost();
    return {};
  }

  Error Lost() {
    lost_ = true;
    std::string message = ScrubUrl(PQerrorMessage(pg_.get()), options_.url);
    while (!message.empty() && message.back() == '\n') message.pop_back();
    return {Code::kUnavailable, "DATABASE_DOWN", std::move(message)};
  }

  /// After a failure to send rows: the connection is lost, or the server ended the copy and its
  /// reason is the next answer.
  Error NotTaken() {
    if (PQstatus(pg_.get()) != CONNECTION_OK) return Lost();
    return {Code::kInternal, "DATABASE_ERROR", "PostgreSQL ended the copy"};
  }

  Error Silent() {
    lost_ = true;
    return {Code::kUnavailable, "DATABASE_DOWN",
            "PostgreSQL did not answer within " + std::to_string(options_.answer_deadline.count()) +
                " ms"};
  }

  /// The failure that `answer` reports.
  Error Described(const PGresult* answer) {
    const char* const state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    std::string message = ScrubUrl(PQresultErrorMessage(answer), options_.url);
    while (!message.empty() && message.back() == '\n') message.pop_back();
    if (PQstatus(pg_.get()) != CONNECTION_OK || state == nullptr) {
      lost_ = true;
      return {Code::kUnavailable, "DATABASE_DOWN", std::move(message)};
    }
    return FromSqlState(state, std::move(message));
  }

  /// Waits for the socket. False: nothing until the deadline.
  bool WaitFor(std::int16_t events, std::chrono::steady_clock::time_point deadline) {
    while (true) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      pollfd socket{.fd = PQsocket(pg_.get()), .events = events, .revents = 0};
      const int ready = ::poll(&socket, 1, static_cast<int>(left.count()));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  auto Deadline() const { return std::chrono::steady_clock::now() + options_.answer_deadline; }

  /// Sends what libpq has buffered, reading meanwhile: the server may be waiting for that.
  Result<void> Flush() {
    const auto deadline = Deadline();
    while (true) {
      const int left = PQflush(pg_.get());
      if (left == 0) return {};
      if (left < 0) return Lost();
      if (!WaitFor(POLLIN | POLLOUT, deadline)) return Silent();
      if (!PQconsumeInput(pg_.get())) return Lost();
    }
  }

  /// The next result; null when the statement has no more.
  Result<Answer> Next() {
    const auto deadline = Deadline();
    while (PQisBusy(pg_.get())) {
      if (!WaitFor(POLLIN, deadline)) return Silent();
      if (!PQconsumeInput(pg_.get())) return Lost();
    }
    return Answer{PQgetResult(pg_.get()), PQclear};
  }

  /// Reads every result of the statement under way; fails with the first that reports a failure.
  Result<void> Answers(const std::function<void(const PGresult*)>& take) {
    if (const auto flushed = Flush(); !flushed) return flushed.error();
    Result<void> outcome;
    while (true) {
      auto answer = Next();
      if (!answer) return answer.error();
      if (!*answer) return outcome;
      if (IsFailure(answer->get())) {
        if (outcome) outcome = Described(answer->get());
        if (!good()) return outcome;
      } else if (outcome) {
        take(answer->get());
      }
    }
  }

  Result<void> Send(std::string_view bytes) {
    const auto deadline = Deadline();
    while (true) {
      const int taken = PQputCopyData(pg_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (taken < 0) return NotTaken();
      if (taken > 0) return Flush();  // libpq's own buffer stays at one piece
      if (!WaitFor(POLLIN | POLLOUT, deadline)) return Silent();
      if (!PQconsumeInput(pg_.get())) return Lost();
    }
  }

  Result<void> EndCopy(const char* refusal) {
    const auto deadline = Deadline();
    while (true) {
      const int taken = PQputCopyEnd(pg_.get(), refusal);
      if (taken < 0) return NotTaken();
      if (taken > 0) return {};
      if (!WaitFor(POLLIN | POLLOUT, deadline)) return Silent();
    }
  }

  const PgOptions& options_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> pg_;
  bool lost_ = false;
};

CopyConnection::CopyConnection(PgOptions options) : options_{std::move(options)} {}
CopyConnection::~CopyConnection() = default;

Result<void> CopyConnection::Run(const std::function<bool(CopyTransaction&)>& body) {
  if (session_ && session_->Stale()) session_.reset();
  if (!session_) {
    auto opened = Session::Open(options_);
    if (!opened) return opened.error();
    session_ = std::move(*opened);
  }
  const auto run = [&]() -> Result<void> {
    if (const auto begun = session_->Exec("BEGIN"); !begun) return begun.error();
    if (body(*session_)) return session_->Commit();
    if (session_->good()) (void)session_->Exec("ROLLBACK");  // a failure shows in good()
    return {};
  };
  auto result = run();
  if (!result || !session_->good()) session_.reset();
  return result;
}

}  // namespace sauda::storage
