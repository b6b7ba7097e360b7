#pragma once

#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "libs/http/server.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda {

/// A broker's order side over TLS that does what a test tells it: it may lose the answer to an
/// order that it took, refuse, or break its portfolio stream. Thread-safe.
class ScriptedOrderBroker {
 public:
  enum class Next { kAccept, kLoseAnswer, kLoseRequest, kRefuse, kFail };

  ScriptedOrderBroker()
      : ca_file_{testing::TempDir() + "scripted_broker_ca_" + std::to_string(getpid()) + ".pem"} {
    std::ofstream{ca_file_} << certificates_.ca_pem;
    http::ServerOptions options;
    options.tls = http::ServerTls{.certificate_pem = certificates_.certificate_pem,
                                  .key_pem = certificates_.key_pem};
    options.decorate = [this](const http::Request&, http::Response& response) {
      response.headers.Set("X-Sauda-Market-Time", "1765771200000");  // 2025-12-15 09:30 IST
      response.headers.Set("X-Sauda-Market-Speed", "1");
      if (marked_) response.headers.Set("X-Sauda-Simulated", "1");
    };
    server_ = std::make_unique<http::Server>(std::move(options));
    On("POST", "/v3/order/place", &ScriptedOrderBroker::Place);
    On("PUT", "/v3/order/modify", &ScriptedOrderBroker::Modify);
    On("DELETE", "/v3/order/cancel", &ScriptedOrderBroker::Cancel);
    On("GET", "/v2/order/retrieve-all", &ScriptedOrderBroker::Book);
    On("GET", "/v2/order/history", &ScriptedOrderBroker::History);
    On("GET", "/v2/order/trades/get-trades-for-day", &ScriptedOrderBroker::Trades);
    On("GET", "/v2/feed/portfolio-stream-feed/authorize", &ScriptedOrderBroker::Authorize);
    server_->RouteWebSocket("/stream", [this](const http::Request&, const auto& upgrade) {
      const std::lock_guard lock{mutex_};
      stream_ = upgrade->Accept({}, {}, {});
      ++streams_;
    });
    EXPECT_TRUE(server_->Start());
  }
  ~ScriptedOrderBroker() { server_->Stop(std::chrono::milliseconds{100}); }

  std::string url() const { return server_->url(); }
  const std::string& ca_file() const { return ca_file_; }

  /// Whether its answers say that it is a simulator.
  void Mark(bool marked) { marked_ = marked; }
  /// What becomes of the next order calls.
  void Do(Next next) {
    const std::lock_guard lock{mutex_};
    next_ = next;
  }
  /// Place calls that came, taken or not.
  std::vector<nlohmann::json> Placed() const {
    const std::lock_guard lock{mutex_};
    return placed_;
  }
  int streams() const {
    const std::lock_guard lock{mutex_};
    return streams_;
  }
  nlohmann::json modified() const {
    const std::lock_guard lock{mutex_};
    return modified_;
  }
  /// Changes an order and tells the stream of it, unless told not to.
  void Step(const std::string& tag, const nlohmann::json& change, bool tell = true) {
    const std::lock_guard lock{mutex_};
    for (auto& row : rows_) {
      if (row["tag"] != tag) continue;
      row.update(change);
      if (tell && stream_) stream_->Send(row.dump(), http::FrameKind::kText);
    }
  }
  /// A trade of an order, for the list of the day: at 10:00 in India, bought at 26000 unless `row`
  /// says otherwise.
  void Trade(const std::string& tag, nlohmann::json row) {
    const std::lock_guard lock{mutex_};
    for (const auto& order : rows_) {
      if (order.value("tag", "") != tag) continue;
      nlohmann::json trade{{"order_id", order["order_id"]},
                           {"instrument_token", order["instrument_token"]},
                           {"transaction_type", order["transaction_type"]},
                           {"product", order["product"]},
                           {"average_price", 26'000},
                           {"exchange_timestamp", "2025-12-15 10:00:00"}};
      trade.update(row);
      trades_.push_back(std::move(trade));
    }
  }
  /// How often the trades of the day were asked for.
  int trade_reads() const {
    const std::lock_guard lock{mutex_};
    return trade_reads_;
  }
  void BreakStream() {
    const std::lock_guard lock{mutex_};
    stream_->Drop();
    stream_.reset();
  }
  /// An order that nobody of ours placed.
  void PlaceElsewhere(nlohmann::json row) {
    const std::lock_guard lock{mutex_};
    rows_.push_back(std::move(row));
  }
  void CloseBook(bool closed) {
    const std::lock_guard lock{mutex_};
    book_closed_ = closed;
  }

 private:
  using Call = http::Response (ScriptedOrderBroker::*)(const http::Request&);

  void On(const char* method, const char* path, Call call) {
    server_->Route(method, path, [this, call](const http::Request& request, const auto& respond) {
      respond((this->*call)(request));
    });
  }
  static http::Response Data(const nlohmann::json& data) {
    return http::Response::Json(200, nlohmann::json{{"status", "success"}, {"data", data}}.dump());
  }
  static http::Response Refuse(int status, const std::string& code) {
    return http::Response::Json(
        status,
        nlohmann::json{{"status", "error"},
                       {"errors", {{{"error_code", code}, {"message", "the test says no"}}}}}
            .dump());
  }
  static http::Response Lost() {
    http::Response response;
    response.drop = true;
    return response;
  }

  http::Response Place(const http::Request& request) {
    const std::lock_guard lock{mutex_};
    placed_.push_back(nlohmann::json::parse(request.body));
    if (next_ == Next::kRefuse) return Refuse(400, "UDAPI1052");
    if (next_ == Next::kLoseRequest) return Lost();
    if (next_ == Next::kFail) return Refuse(503, "UDAPI100500");
    nlohmann::json row = placed_.back();
    const std::string id = "25121500000" + std::to_string(rows_.size() + 1);
    row.update({{"update_type", "order"},
                {"order_id", id},
                {"status", "put order req received"},
                {"instrument_token", row["instrument_token"]},
                {"filled_quantity", 0}});
    rows_.push_back(row);
    return next_ == Next::kLoseAnswer ? Lost() : Data({{"order_ids", {id}}});
  }
  http::Response Modify(const http::Request& request) {
    const std::lock_guard lock{mutex_};
    modified_ = nlohmann::json::parse(request.body);
    if (next_ == Next::kRefuse) return Refuse(400, "UDAPI100041");
    if (next_ == Next::kLoseAnswer) return Lost();
    return Data({{"order_id", modified_["order_id"]}});
  }
  http::Response Cancel(const http::Request& request) {
    const std::lock_guard lock{mutex_};
    if (next_ == Next::kRefuse) return Refuse(400, "UDAPI100040");
    if (next_ == Next::kLoseAnswer) return Lost();
    return Data({{"order_id", std::string{request.Query("order_id")}}});
  }
  http::Response Book(const http::Request&) {
    const std::lock_guard lock{mutex_};
    return book_closed_ ? Refuse(423, "UDAPI100074") : Data(rows_);
  }
  http::Response History(const http::Request& request) {
    const std::lock_guard lock{mutex_};
    nlohmann::json found = nlohmann::json::array();
    for (const auto& row : rows_) {
      if (row.value("tag", "") == request.Query("tag")) found.push_back(row);
    }
    return found.empty() ? Refuse(400, "UDAPI100010") : Data(found);
  }
  http::Response Trades(const http::Request&) {
    const std::lock_guard lock{mutex_};
    ++trade_reads_;
    return book_closed_ ? Refuse(423, "UDAPI100074") : Data(trades_);
  }
  http::Response Authorize(const http::Request&) {
    const std::string address = "wss://127.0.0.1:" + std::to_string(server_->port()) + "/stream";
    return Data({{"authorized_redirect_uri", address}});
  }

  const TestCertificates certificates_ = TestCertificates::Make();
  const std::string ca_file_;
  std::atomic<bool> marked_{true};
  mutable std::mutex mutex_;  // guards what follows
  Next next_ = Next::kAccept;
  std::vector<nlohmann::json> placed_;
  nlohmann::json rows_ = nlohmann::json::array();
  nlohmann::json modified_;
  nlohmann::json trades_ = nlohmann::json::array();
  int trade_reads_ = 0;
  std::shared_ptr<http::WebSocket> stream_;
  int streams_ = 0;
  bool book_closed_ = false;
  std::unique_ptr<http::Server> server_;  // last: its threads use the rest
};

}  // namespace sauda
