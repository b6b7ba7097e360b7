#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <pqxx/pqxx>

#include "bench/bench.hpp"
#include "bench/load.hpp"
#include "bench/orders_process.hpp"
#include "libs/base/check.hpp"
#include "libs/base/clock.hpp"
#include "libs/http/client.hpp"
#include "libs/http/url.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/status.hpp"
#include "libs/storage/pg_pool.hpp"
#include "libs/storage/redis.hpp"
#include "sauda/orders/v1alpha1/kill.grpc.pb.h"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"

namespace sauda::bench {
namespace {

namespace pb = orders::v1alpha1;

constexpr int kWarmUp = 50;
constexpr int kOrders = 500;
constexpr double kUsPerMs = 1'000;

pb::PlaceOrderRequest OrderOf(std::int64_t number) {
  pb::PlaceOrderRequest request;
  request.set_client_order_id("bench-" + std::to_string(number));
  request.set_instrument("NSE_EQ|INE009A01021");
  request.set_side(pb::SIDE_BUY);
  request.set_quantity(1);
  request.set_type(pb::ORDER_TYPE_LIMIT);
  request.set_price("1500.05");
  request.set_product(pb::PRODUCT_INTRADAY);
  request.set_validity(pb::VALIDITY_DAY);
  return request;
}

/// Orders one after the other: from the caller's call to the broker's reading of it.
class Sauda {
 public:
  Sauda(OrdersProcess& orders, const OrderPeer& broker)
      : broker_{broker}, stub_{pb::OrdersService::NewStub(*rpc::Connect(orders.address(), {}))} {}

  double P99Ms() {
    for (int i = 0; i < kWarmUp; ++i) (void)OneUs();
    std::vector<double> took;
    took.reserve(kOrders);
    for (int i = 0; i < kOrders; ++i) took.push_back(OneUs());
    return Percentile(std::move(took), 0.99) / kUsPerMs;
  }

 private:
  double OneUs() {
    const pb::PlaceOrderRequest request = OrderOf(++last_);
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{10}, "bench");
    pb::Order order;
    const std::int64_t began_us = NowUs();
    const auto status = stub_->PlaceOrder(&context, request, &order);
    Check(status.ok() && order.state() == pb::ORDER_STATE_PENDING, "the order was not placed");
    return static_cast<double>(broker_.reached_us() - began_us);
  }

  const OrderPeer& broker_;
  std::unique_ptr<pb::OrdersService::Stub> stub_;
  std::int64_t last_ = 0;
};

/// The least that such an order costs: one PostgreSQL commit, one Redis script and one warm TLS
/// request, from the start of the first to the broker's reading of the last.
class Floor {
 public:
  Floor(const OrdersProcess& orders, const OrderPeer& broker)
      : broker_{broker},
        pool_{{.url = orders.postgres().Url("sauda")}},
        redis_{{.url = Secret{orders.redis().Url()}}},
        client_{*http::Client::Make({.ca = {.file = broker.ca_file()},
                                     .allowed = {http::Url::Parse(broker.url())->HostPort()}},
                                    clock_)} {
    const auto made = pool_.Transact([](pqxx::work& work) -> Result<int> {
      work.exec("CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, body text)");
      return 0;
    });
    Check(made.has_value(), "no table for the floor");
  }

  double P99Ms() {
    for (int i = 0; i < kWarmUp; ++i) (void)OneUs();
    std::vector<double> took;
    took.reserve(kOrders);
    for (int i = 0; i < kOrders; ++i) took.push_back(OneUs());
    return Percentile(std::move(took), 0.99) / kUsPerMs;
  }

 private:
  double OneUs() {
    const std::int64_t began_us = NowUs();
    const auto kept = pool_.Transact([&](pqxx::work& work) -> Result<int> {
      work.exec_params("INSERT INTO bench_floor (body) VALUES ($1)", body_);
      return 0;
    });
    const auto counted = redis_.Eval(script_, keys_, arguments_);
    const auto sent = client_->Send({.method = "POST",
                                     .url = broker_.url() + "/v3/order/place",
                                     .headers = {{"Content-Type", "application/json"}},
                                     .body = body_},
                                    std::chrono::seconds{5});
    Check(kept && counted && sent && sent->ok(), "the floor's calls work");
    return static_cast<double>(broker_.reached_us() - began_us);
  }

  const OrderPeer& broker_;
  const SystemClock clock_;
  storage::PgPool pool_;
  storage::Redis redis_;
  const storage::RedisScript script_{"return redis.call('INCRBY', KEYS[1], ARGV[1])"};
  const std::vector<std::string> keys_{"bench:budget"};
  const std::vector<std::string> arguments_{"1"};
  std::unique_ptr<http::Client> client_;
  const std::string body_ = std::string(300, 'x');
};

std::vector<Row> RequestToBroker() {
  OrderPeer broker;
  OrdersProcess orders{broker};
  Sauda sauda{orders, broker};
  Floor floor{orders, broker};
  return {Interleave(
      {.name = "orders.request_to_broker_p99",
       .unit = "ms",
       .budget = 1.5,
       .larger_is_better = false},
      [&] { return sauda.P99Ms(); }, [&] { return floor.P99Ms(); })};
}

/// Calls of the kill switch, with PostgreSQL and Redis killed before; after each an order is tried,
/// which must not get past it.
class KillDrill {
 public:
  explicit KillDrill(const OrdersProcess& orders)
      : orders_{pb::OrdersService::NewStub(*rpc::Connect(orders.address(), {}))},
        kill_{pb::KillService::NewStub(*rpc::Connect(orders.address(), {}))} {}

  double P99Ms() {
    std::vector<double> took;
    took.reserve(kKills);
    for (int i = 0; i < kKills; ++i) {
      Rearm();
      const std::int64_t began_us = NowUs();
      grpc::ClientContext context;
      pb::KillStatus status;
      Check(kill_->Kill(&context, {}, &status).ok() && status.halted(), "it is not halted");
      took.push_back(static_cast<double>(NowUs() - began_us));
      Check(!Leaves(), "an order left after the kill");
    }
    return Percentile(std::move(took), 0.99) / kUsPerMs;
  }

 private:
  static constexpr int kKills = 300;

  void Rearm() {
    grpc::ClientContext looking;
    pb::KillStatus status;
    Check(kill_->GetKillStatus(&looking, {}, &status).ok(), "the switch does not answer");
    if (!status.halted()) return;
    grpc::ClientContext first;
    pb::BeginRearmResponse begun;
    Check(kill_->BeginRearm(&first, {}, &begun).ok(), "no code");
    pb::RearmRequest request;
    request.set_code(begun.code());
    grpc::ClientContext second;
    Check(kill_->Rearm(&second, request, &status).ok() && !status.halted(), "it is not rearmed");
  }
  /// Whether an order gets past the switch; without a database it gets no further.
  bool Leaves() {
    grpc::ClientContext context;
    pb::Order order;
    const auto status = orders_->PlaceOrder(&context, OrderOf(++last_), &order);
    return status.ok() || rpc::FromStatus(status).reason != "KILL_SWITCH_ON";
  }

  const std::unique_ptr<pb::OrdersService::Stub> orders_;
  const std::unique_ptr<pb::KillService::Stub> kill_;
  std::int64_t last_ = 1'000'000;
};

std::vector<Row> KillToHalt() {
  OrderPeer broker;
  OrdersProcess orders{broker};
  orders.KillStores();
  KillDrill drill{orders};
  return {
      Absolute({.name = "orders.kill.p99", .unit = "ms", .budget = 5, .larger_is_better = false},
               [&] { return drill.P99Ms(); })};
}

}  // namespace

std::vector<Benchmark> OrdersBenchmarks() {
  return {{"orders.request_to_broker", RequestToBroker}, {"orders.kill", KillToHalt}};
}

}  // namespace sauda::bench
