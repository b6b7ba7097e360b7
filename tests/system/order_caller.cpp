#include "tests/system/order_caller.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "libs/rpc/status.hpp"

namespace sauda::test {
namespace {

namespace wire = orders::v1alpha1;
using namespace std::chrono_literals;

constexpr auto kPatience = std::chrono::seconds{300};

/// Whether the same call may be made again: nothing is known to have been done, or the same id
/// tells what was.
bool MayRepeat(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return true;
    default:
      return false;
  }
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;  // a service that was killed is soon there again
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

OrderCaller::OrderCaller(Options options)
    : options_{std::move(options)},
      random_{options_.seed},
      stub_{wire::OrdersService::NewStub(ChannelTo(options_.address))} {}

int OrderCaller::Random(int least, int most) {
  return least + static_cast<int>(random_() % static_cast<std::uint64_t>(most - least + 1));
}

void OrderCaller::Run() {
  for (int number = 0; number < options_.orders && !testing::Test::HasFailure(); ++number) {
    Place(NextOrder(number));
    const int then = Random(0, 99);
    if (then < 70) ChangeOne();
    if (then < 35) ChangeOne();
    if (then >= 75) CancelOne();
  }
}

wire::PlaceOrderRequest OrderCaller::NextOrder(int number) {
  const auto quotes = static_cast<int>(options_.quotes.size());
  const Quote& quote = options_.quotes.at(static_cast<std::size_t>(Random(0, quotes - 1)));
  const bool buy = Random(0, 1) == 0;
  const int towards = buy ? 1 : -1;  // the market's way
  wire::PlaceOrderRequest request;
  request.set_client_order_id(options_.name + "-" + std::to_string(number));
  request.set_instrument(quote.key);
  request.set_side(buy ? wire::SIDE_BUY : wire::SIDE_SELL);
  request.set_quantity(Random(1, 9));
  request.set_product(wire::PRODUCT_INTRADAY);
  request.set_validity(Random(0, 9) == 0 ? wire::VALIDITY_IOC : wire::VALIDITY_DAY);
  const int kind = Random(0, 99);
  if (kind < 30) {
    request.set_type(wire::ORDER_TYPE_MARKET);
    near_.push_back(request.client_order_id());
  } else if (kind < 45) {  // at the market or a little beside it
    request.set_type(wire::ORDER_TYPE_LIMIT);
    request.set_price(std::to_string(quote.rupees + towards * Random(-1, 2)));
    near_.push_back(request.client_order_id());
  } else if (kind < 50) {  // a stop that may soon fire
    request.set_validity(wire::VALIDITY_DAY);
    request.set_type(wire::ORDER_TYPE_STOP_LIMIT);
    request.set_trigger_price(std::to_string(quote.rupees + towards));
    request.set_price(std::to_string(quote.rupees + 2 * towards));
    near_.push_back(request.client_order_id());
  } else {
    const bool stop = kind < 60;
    const int away = quote.rupees * Random(8, 13) / 100;
    const int rupees = quote.rupees + (stop ? towards : -towards) * away;
    request.set_validity(wire::VALIDITY_DAY);
    request.set_type(stop ? wire::ORDER_TYPE_STOP_LIMIT : wire::ORDER_TYPE_LIMIT);
    request.set_price(std::to_string(rupees));
    if (stop) request.set_trigger_price(std::to_string(rupees - towards));
    resting_.push_back(
        {.id = request.client_order_id(), .rupees = rupees, .buy = buy, .stop = stop});
  }
  return request;
}

grpc::Status OrderCaller::Repeat(std::chrono::seconds limit,
                                 const std::function<grpc::Status(grpc::ClientContext&)>& call) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 5s);
    context.set_wait_for_ready(true);  // a call that fails at once does not move the connection on
    const grpc::Status status = call(context);
    if (!MayRepeat(status) || std::chrono::steady_clock::now() > end) return status;
    ++repeats_[rpc::FromStatus(status).reason];
    std::this_thread::sleep_for(20ms);  // the caller's own back-off
  }
}

void OrderCaller::Place(const wire::PlaceOrderRequest& request) {
  asked_.push_back(request.client_order_id());
  wire::Order order;
  const auto status = Repeat(kPatience, [&](grpc::ClientContext& context) {
    return stub_->PlaceOrder(&context, request, &order);
  });
  ASSERT_TRUE(status.ok()) << request.client_order_id() << ": " << status.error_message();
  EXPECT_EQ(order.client_order_id(), request.client_order_id());
  ++options_.answered;
}

void OrderCaller::ChangeOne() {
  if (resting_.empty()) return;
  // One of the newest, so that changes of an order follow one another closely.
  const auto index = static_cast<int>(resting_.size()) -
                     Random(1, std::min<int>(3, static_cast<int>(resting_.size())));
  Resting& one = resting_.at(static_cast<std::size_t>(index));
  wire::ModifyOrderRequest request;
  request.set_client_order_id(one.id);
  const int what = Random(0, 99);
  if (what < 5) {  // outside the exchange's band: it refuses
    request.set_price(std::to_string(one.rupees * 2));
  } else if (what < 55) {
    const bool upwards = one.stop == one.buy;  // away from the market
    one.rupees += upwards ? 1 : -1;
    request.set_price(std::to_string(one.rupees));
  } else {
    request.set_quantity(Random(1, 9));
  }
  wire::Order order;
  (void)Repeat(2s, [&](grpc::ClientContext& context) {
    return stub_->ModifyOrder(&context, request, &order);
  });
}

void OrderCaller::CancelOne() {
  if (resting_.empty()) return;
  const auto index = Random(0, static_cast<int>(resting_.size()) - 1);
  wire::CancelOrderRequest request;
  request.set_client_order_id(resting_.at(static_cast<std::size_t>(index)).id);
  wire::Order order;
  const auto status = Repeat(2s, [&](grpc::ClientContext& context) {
    return stub_->CancelOrder(&context, request, &order);
  });
  if (status.ok()) resting_.erase(resting_.begin() + index);
}

void OrderCaller::CancelWhatIsNear() {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto is_over = [this](const std::string& id) {
    wire::GetOrderRequest get;
    get.set_client_order_id(id);
    wire::Order order;
    const auto got = Repeat(
        5s, [&](grpc::ClientContext& context) { return stub_->GetOrder(&context, get, &order); });
    if (got.error_code() == grpc::StatusCode::NOT_FOUND) return true;
    const auto state = order.state();
    const bool unknown = state == wire::ORDER_STATE_INTENT || state == wire::ORDER_STATE_UNKNOWN;
    const bool open = state == wire::ORDER_STATE_PENDING || state == wire::ORDER_STATE_OPEN ||
                      state == wire::ORDER_STATE_TRIGGER_PENDING;
    if (!got.ok() || unknown) return false;  // settled soon
    if (!open) return true;
    wire::CancelOrderRequest request;
    request.set_client_order_id(id);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 5s);
    (void)stub_->CancelOrder(&context, request, &order);
    return false;  // the next look tells
  };
  while (!near_.empty()) {
    near_.erase(std::remove_if(near_.begin(), near_.end(), is_over), near_.end());
    ASSERT_LT(std::chrono::steady_clock::now(), end) << near_.size() << " orders still near";
    if (!near_.empty()) std::this_thread::sleep_for(50ms);
  }
}

}  // namespace sauda::test
