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
#include "libs/storage/pg_pool.hpp"
#include "libs/storage/redis.hpp"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"

namespace sauda::bench {
namespace {

namespace pb = orders::v1alpha1;

constexpr int kWarmUp = 50;
constexpr int kOrders = 500;
constexpr double kUsPerMs = 1'000;

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
    pb::PlaceOrderRequest request;
    request.set_client_order_id("bench-" + std::to_string(++last_));
    request.set_instrument("NSE_EQ|INE009A01021");
    request.set_side(pb::SIDE_BUY);
    request.set_quantity(1);
    request.set_type(pb::ORDER_TYPE_LIMIT);
    request.set_price("1500.05");
    request.set_product(pb::PRODUCT_INTRADAY);
    request.set_validity(pb::VALIDITY_DAY);
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

}  // namespace

std::vector<Benchmark> OrdersBenchmarks() {
  return {{"orders.request_to_broker", RequestToBroker}};
}

}  // namespace sauda::bench
