#include "services/orders/src/rpc/orders_service.hpp"

#include <thread>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/orders_fakes.hpp"

namespace sauda::orders {
namespace {

namespace wire = v1alpha1;

class OrdersServiceTest : public testing::Test, protected DeskFixture {
 protected:
  OrdersServiceTest() {
    EXPECT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&service_}));
    stub_ = wire::OrdersService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(server_.port()), grpc::InsecureChannelCredentials()));
  }
  void TearDown() override {
    hub_.EndAll({Code::kUnavailable, "SHUTTING_DOWN", "the test ends"});
    server_.Stop();
  }
  OrderDesk::Parts PartsWithHub() {
    auto parts = PartsWith(venue);
    return {.account_id = parts.account_id,
            .ledger = ledger,
            .instruments = instruments,
            .venue = venue,
            .listener = hub_,
            .watchman = watchman,
            .clock = clock,
            .market_clock = market_clock,
            .make_tag = parts.make_tag};
  }
  static wire::PlaceOrderRequest Request(const std::string& id = "c1") {
    wire::PlaceOrderRequest request;
    request.set_client_order_id(id);
    request.set_instrument("NSE_FO|53001");
    request.set_side(wire::SIDE_BUY);
    request.set_quantity(75);
    request.set_type(wire::ORDER_TYPE_LIMIT);
    request.set_price("26000.05");
    request.set_product(wire::PRODUCT_INTRADAY);
    request.set_validity(wire::VALIDITY_DAY);
    request.add_tags("mine");
    return request;
  }
  /// The order, or why not.
  Result<wire::Order> Place(const wire::PlaceOrderRequest& request) {
    grpc::ClientContext context;
    wire::Order order;
    const auto status = stub_->PlaceOrder(&context, request, &order);
    if (!status.ok()) return rpc::FromStatus(status);
    return order;
  }

  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  rpc::Calls calls_{registry_, "orders"};
  OrderHub hub_{calls_, metrics_};
  OrderDesk watched_{PartsWithHub()};
  OrdersService service_{{.desk = watched_,
                          .ledger = ledger,
                          .venue = venue,
                          .hub = hub_,
                          .calls = calls_,
                          .metrics = metrics_,
                          .account_id = "main"}};
  rpc::Server server_;
  std::unique_ptr<wire::OrdersService::Stub> stub_;
};

TEST_F(OrdersServiceTest, AnswersWithTheWholeOrder) {
  const auto order = Place(Request());
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_EQ(order->account_id(), "main");
  EXPECT_EQ(order->state(), wire::ORDER_STATE_PENDING);
  EXPECT_EQ(order->price(), "26000.05");
  EXPECT_EQ(order->instrument_id(), 7);
  EXPECT_EQ(order->broker_order_ids_size(), 1);
  EXPECT_EQ(order->tags(0), "mine");
  EXPECT_EQ(order->route(), wire::ORDER_ROUTE_LIVE);
  EXPECT_TRUE(order->simulated());
  EXPECT_EQ(order->version(), 2);
}

struct RefusalCase {
  std::string name;
  std::function<void(wire::PlaceOrderRequest&)> change;
  std::string reason;
  Code code = Code::kInvalidArgument;
};
class RefusalTest : public OrdersServiceTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, NamesWhatIsWrongAndChangesNothing) {
  auto request = Request();
  GetParam().change(request);
  const auto order = Place(request);
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().reason, GetParam().reason);
  EXPECT_EQ(order.error().code, GetParam().code);
  EXPECT_FALSE(order.error().message.empty());
  EXPECT_TRUE(venue.placed.empty());
  EXPECT_TRUE(ledger.List({.account_id = "main"})->orders.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Requests, RefusalTest,
    testing::Values(
        RefusalCase{"UnknownSide", [](auto& r) { r.set_side(static_cast<wire::Side>(9)); },
                    "SIDE_UNKNOWN"},
        RefusalCase{"NegativeType", [](auto& r) { r.set_type(static_cast<wire::OrderType>(-1)); },
                    "TYPE_UNKNOWN"},
        RefusalCase{"ProductOfTomorrow",
                    [](auto& r) { r.set_product(static_cast<wire::Product>(4)); },
                    "PRODUCT_UNKNOWN"},
        RefusalCase{"NoValidity", [](auto& r) { r.set_validity(wire::VALIDITY_UNSPECIFIED); },
                    "VALIDITY_UNKNOWN"},
        RefusalCase{"PriceInWords", [](auto& r) { r.set_price("cheap"); }, "PRICE_MALFORMED"},
        RefusalCase{"TriggerInWords", [](auto& r) { r.set_trigger_price("soon"); },
                    "PRICE_MALFORMED"},
        RefusalCase{"OffTick", [](auto& r) { r.set_price("26000.01"); }, "PRICE_OFF_TICK"},
        RefusalCase{"NoId", [](auto& r) { r.clear_client_order_id(); }, "CLIENT_ORDER_ID_INVALID"},
        RefusalCase{"NoSuchInstrument", [](auto& r) { r.set_instrument("NOBODY"); },
                    "INSTRUMENT_UNKNOWN", Code::kNotFound},
        RefusalCase{"OtherAccount", [](auto& r) { r.set_account_id("yours"); }, "ACCOUNT_UNKNOWN",
                    Code::kNotFound}),
    CaseName{});

TEST_F(OrdersServiceTest, WithoutTheDatabaseItIsUnavailable) {
  ledger.Break(-1);
  const auto order = Place(Request());
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().code, Code::kUnavailable);
  EXPECT_EQ(order.error().reason, "DATABASE_DOWN");
  EXPECT_TRUE(venue.placed.empty());
  grpc::ClientContext context;
  wire::OrdersStatus status;
  ASSERT_TRUE(stub_->GetStatus(&context, {}, &status).ok());
  EXPECT_FALSE(status.accepting());
  EXPECT_NE(status.detail().find("DATABASE_DOWN"), std::string::npos);
}

TEST_F(OrdersServiceTest, ManyAtOnceWithOneIdAreOneOrder) {
  std::atomic<int> good{0};
  std::atomic<int> under_way{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto order = Place(Request());
      if (order) {
        ++good;
      } else {
        EXPECT_EQ(order.error().reason, "ORDER_UNDER_WAY");
        ++under_way;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(good, 1);
  EXPECT_EQ(good + under_way, 8);
  EXPECT_EQ(venue.placed.size(), 1U);
}

TEST_F(OrdersServiceTest, AnOrderIsNotSentAfterItsCallIsOver) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kLimit{300};
  std::atomic<bool> asked{false};
  std::atomic<bool> go_on{false};
  instruments.before_answer = [&] {
    asked = true;
    go_on.wait(false);
  };
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kLimit);
  wire::Order order;
  EXPECT_EQ(stub_->PlaceOrder(&context, Request(), &order).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  ASSERT_TRUE(Eventually([&] { return asked.load(); }));
  // The service counts the limit from when the call reached it, which was before it asked.
  const auto asked_by = steady_clock::now();
  EXPECT_TRUE(Eventually([&] { return steady_clock::now() > asked_by + 2 * kLimit; }));
  go_on = true;
  go_on.notify_all();
  ASSERT_TRUE(Eventually([&] { return !watched_.IsUnderWay("c1"); }));
  EXPECT_TRUE(venue.placed.empty());
  EXPECT_FALSE(ledger.Find({"main", "c1"}));
}

TEST_F(OrdersServiceTest, ModifiesCancelsAndReads) {
  ASSERT_TRUE(Place(Request()));
  wire::Order order;
  {
    grpc::ClientContext context;
    wire::ModifyOrderRequest request;
    request.set_client_order_id("c1");
    request.set_price("25990");
    EXPECT_TRUE(stub_->ModifyOrder(&context, request, &order).ok());
    EXPECT_EQ(venue.modified.at(0).second.price, D("25990"));
  }
  {
    grpc::ClientContext context;
    wire::ModifyOrderRequest request;
    request.set_client_order_id("c1");
    request.set_type(static_cast<wire::OrderType>(99));
    EXPECT_EQ(rpc::FromStatus(stub_->ModifyOrder(&context, request, &order)).reason,
              "TYPE_UNKNOWN");
  }
  {
    grpc::ClientContext context;
    wire::CancelOrderRequest request;
    request.set_client_order_id("c1");
    EXPECT_TRUE(stub_->CancelOrder(&context, request, &order).ok());
    EXPECT_EQ(venue.cancelled.size(), 1U);
  }
  grpc::ClientContext context;
  wire::GetOrderRequest request;
  request.set_client_order_id("nobody");
  EXPECT_EQ(rpc::FromStatus(stub_->GetOrder(&context, request, &order)).reason, "ORDER_UNKNOWN");
}

TEST_F(OrdersServiceTest, ListsByPages) {
  for (const char* id : {"c1", "c2", "c3"}) ASSERT_TRUE(Place(Request(id)));
  wire::ListOrdersRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    grpc::ClientContext context;
    wire::ListOrdersResponse page;
    ASSERT_TRUE(stub_->ListOrders(&context, request, &page).ok());
    for (const auto& order : page.orders()) seen.push_back(order.client_order_id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"c3", "c2", "c1"}));
  const auto refusal = [&](int size, const std::string& token) {
    grpc::ClientContext context;
    wire::ListOrdersResponse page;
    request.set_page_size(size);
    request.set_page_token(token);
    return rpc::FromStatus(stub_->ListOrders(&context, request, &page)).reason;
  };
  EXPECT_EQ(refusal(501, ""), "PAGE_SIZE_INVALID");
  EXPECT_EQ(refusal(-1, ""), "PAGE_SIZE_INVALID");
  EXPECT_EQ(refusal(1, "next"), "PAGE_TOKEN_INVALID");
}

TEST_F(OrdersServiceTest, WatchersSeeEveryChangeInOrder) {
  grpc::ClientContext context;
  const auto reader = stub_->WatchOrders(&context, {});
  reader->WaitForInitialMetadata();
  ASSERT_TRUE(Place(Request()));
  wire::Order order;
  ASSERT_TRUE(reader->Read(&order));
  EXPECT_EQ(order.state(), wire::ORDER_STATE_INTENT);
  ASSERT_TRUE(reader->Read(&order));
  EXPECT_EQ(order.state(), wire::ORDER_STATE_PENDING);
  EXPECT_EQ(order.version(), 2);
  hub_.EndAll({Code::kUnavailable, "SHUTTING_DOWN", "bye"});
  EXPECT_FALSE(reader->Read(&order));
  EXPECT_EQ(rpc::FromStatus(reader->Finish()).reason, "SHUTTING_DOWN");
}

TEST_F(OrdersServiceTest, AWatcherThatDoesNotReadIsLetGo) {
  grpc::ClientContext context;
  const auto reader = stub_->WatchOrders(&context, {});
  reader->WaitForInitialMetadata();
  Order order{.request = BuyOneLot()};
  order.message = std::string(4'096, 'x');  // so that the transport's buffers fill
  for (int i = 0; i < 20'000 && metrics_.slow_watchers.Value() == 0; ++i) hub_.OnOrder(order);
  EXPECT_EQ(metrics_.slow_watchers.Value(), 1);
  wire::Order told;
  while (reader->Read(&told)) {
  }
  EXPECT_EQ(rpc::FromStatus(reader->Finish()).reason, "SLOW_CONSUMER");
  EXPECT_TRUE(Eventually([this] { return metrics_.watchers.Value() == 0; }));
}

TEST_F(OrdersServiceTest, WatchersOfOtherAccountsAreRefused) {
  grpc::ClientContext context;
  wire::WatchOrdersRequest request;
  request.set_account_id("yours");
  const auto reader = stub_->WatchOrders(&context, request);
  wire::Order order;
  EXPECT_FALSE(reader->Read(&order));
  EXPECT_EQ(rpc::FromStatus(reader->Finish()).reason, "ACCOUNT_UNKNOWN");
}

}  // namespace
}  // namespace sauda::orders
