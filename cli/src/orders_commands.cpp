#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <ostream>
#include <random>
#include <string_view>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = orders::v1alpha1;

constexpr std::chrono::milliseconds kPlaceLimit{30'000};  // longer than the service's own limits

const std::vector<std::pair<std::string, pb::Side>> kSides{{"buy", pb::SIDE_BUY},
                                                           {"sell", pb::SIDE_SELL}};
const std::vector<std::pair<std::string, pb::Product>> kProducts{{"intraday", pb::PRODUCT_INTRADAY},
                                                                 {"delivery", pb::PRODUCT_DELIVERY},
                                                                 {"mtf", pb::PRODUCT_MTF}};
const std::vector<std::pair<std::string, pb::OrderType>> kTypes{
    {"market", pb::ORDER_TYPE_MARKET},
    {"limit", pb::ORDER_TYPE_LIMIT},
    {"stop-limit", pb::ORDER_TYPE_STOP_LIMIT},
    {"stop-market", pb::ORDER_TYPE_STOP_MARKET}};
const std::vector<std::pair<std::string, pb::Validity>> kValidities{{"day", pb::VALIDITY_DAY},
                                                                    {"ioc", pb::VALIDITY_IOC}};

template <typename Enum>
std::string WordOf(const std::vector<std::pair<std::string, Enum>>& words, Enum value) {
  for (const auto& [word, meaning] : words) {
    if (meaning == value) return word;
  }
  return "?";
}

std::string StateOf(const pb::Order& order) {
  const std::string name = pb::OrderState_Name(order.state());
  constexpr std::size_t kPrefix = std::string_view{"ORDER_STATE_"}.size();
  return name.size() > kPrefix ? name.substr(kPrefix) : name;
}

/// An id of ours for an order whose caller chose none.
std::string NewClientOrderId() {
  std::random_device random;
  std::array<char, 40> text{};
  (void)std::snprintf(text.data(), text.size(), "ctl-%08x%08x", random(), random());
  return text.data();
}

/// What a script may conclude from how the order stands.
ExitCode ExitCodeOf(const pb::Order& order) {
  switch (order.state()) {
    case pb::ORDER_STATE_REJECTED:
    case pb::ORDER_STATE_NOT_SENT:
      return kRefused;
    case pb::ORDER_STATE_UNKNOWN:
    case pb::ORDER_STATE_INTENT:
      return kOutcomeUnknown;
    default:
      return kOk;
  }
}

std::vector<std::string> Cells(const pb::Order& order) {
  std::string price = order.price().empty() ? "market" : order.price();
  if (!order.trigger_price().empty()) price += " @ " + order.trigger_price();
  std::string filled =
      std::to_string(order.filled_quantity()) + "/" + std::to_string(order.quantity());
  if (!order.average_price().empty()) filled += " at " + order.average_price();
  std::string why = order.reason();
  if (!order.message().empty()) why += (why.empty() ? "" : ": ") + order.message();
  return {
      order.client_order_id(),
      IstTime(order.created_ms()),
      Printable(order.trading_symbol().empty() ? order.instrument_key() : order.trading_symbol()),
      WordOf(kSides, order.side()),
      price,
      filled,
      StateOf(order),
      order.route() == pb::ORDER_ROUTE_PAPER ? "paper" : "live",
      order.simulated() ? "SIMULATED" : "",
      Printable(why)};
}

Table OrderTable() {
  return Table{{"id", "created (IST)", "instrument", "side", "price", "filled", "state", "route",
                "", "why"}};
}

/// Whether an error has a reason of the service's own, and not one made up from its code.
bool IsFromService(const Error& error) {
  constexpr std::array<std::string_view, 3> kMadeUp{"SERVICE_DOWN", "DEADLINE_EXCEEDED", "UNKNOWN"};
  return std::find(kMadeUp.begin(), kMadeUp.end(), error.reason) == kMadeUp.end();
}

/// The calls of the orders service.
class Desk {
 public:
  Desk(const Session& session, const std::shared_ptr<grpc::Channel>& channel)
      : session_{session}, channel_{channel}, stub_{pb::OrdersService::NewStub(channel)} {}

  int Place(pb::PlaceOrderRequest request) {
    request.set_account_id(session_.account);
    if (request.client_order_id().empty()) {
      request.set_client_order_id(NewClientOrderId());
      session_.io.err << "id " << request.client_order_id()
                      << ": repeating with --id places no second order\n";
    }
    return Write("orders place", [&](grpc::ClientContext& context, pb::Order& order) {
      return stub_->PlaceOrder(&context, request, &order);
    });
  }

  int Modify(pb::ModifyOrderRequest request) {
    request.set_account_id(session_.account);
    return Write("orders modify", [&](grpc::ClientContext& context, pb::Order& order) {
      return stub_->ModifyOrder(&context, request, &order);
    });
  }

  int Cancel(pb::CancelOrderRequest request) {
    request.set_account_id(session_.account);
    return Write("orders cancel", [&](grpc::ClientContext& context, pb::Order& order) {
      return stub_->CancelOrder(&context, request, &order);
    });
  }

  int Get(pb::GetOrderRequest request) {
    request.set_account_id(session_.account);
    pb::Order order;
    const auto asked = session_.Call(session_.timeout(), [&](grpc::ClientContext& context) {
      return stub_->GetOrder(&context, request, &order);
    });
    return asked ? Show(order) : session_.Fail("orders show", asked.error());
  }

  int List(pb::ListOrdersRequest request) {
    request.set_account_id(session_.account);
    pb::ListOrdersResponse page;
    const auto asked = session_.Call(session_.timeout(), [&](grpc::ClientContext& context) {
      return stub_->ListOrders(&context, request, &page);
    });
    if (!asked) return session_.Fail("orders list", asked.error());
    if (session_.json) {
      session_.io.out << Dump(ToJson(page), true) << '\n';
      return kOk;
    }
    Table table = OrderTable();
    for (const pb::Order& order : page.orders()) table.Add(Cells(order));
    table.Print(session_.io.out);
    if (!page.next_page_token().empty()) {
      session_.io.err << "there are older ones: --page-token " << page.next_page_token() << '\n';
    }
    return kOk;
  }

 private:
  /// A call that may send something. Once there is a connection, only the service itself can say
  /// that nothing was sent; what else ends the call leaves that open.
  template <typename Ask>
  int Write(const std::string& doing, const Ask& ask) const {
    if (!Connects()) {
      return session_.Fail(doing, {Code::kUnavailable, "SERVICE_DOWN",
                                   "no connection to the order service; nothing was sent"});
    }
    pb::Order order;
    const auto asked = session_.Call(
        kPlaceLimit, [&](grpc::ClientContext& context) { return ask(context, order); });
    if (asked) return Show(order);
    Error error = asked.error();
    if (!IsFromService(error)) {
      error.message = error.reason + ": " + error.message;
      error.reason = "ANSWER_LOST";
    }
    return session_.Fail(doing, error);
  }

  bool Connects() const {
    const auto deadline = std::chrono::system_clock::now() + session_.timeout();
    for (auto state = channel_->GetState(true); state != GRPC_CHANNEL_READY;
         state = channel_->GetState(true)) {
      if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) return false;
      if (!channel_->WaitForStateChange(state, deadline)) return false;
    }
    return true;
  }

  int Show(const pb::Order& order) const {
    if (session_.json) {
      session_.io.out << Dump(ToJson(order), true) << '\n';
    } else {
      Table table = OrderTable();
      table.Add(Cells(order));
      table.Print(session_.io.out);
    }
    return ExitCodeOf(order);
  }

  const Session& session_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<pb::OrdersService::Stub> stub_;
};

/// Leaves in the session what to do with the request once the command line is read.
template <typename Request>
void OnCall(CLI::App& command, Session& session, std::shared_ptr<Request> request,
            int (Desk::*call)(Request)) {
  command.callback([&session, request, call] {
    session.action = [&session, request, call] {
      const auto channel = session.Connect(session.addresses.orders);
      if (!channel) return session.Fail("orders", channel.error());
      Desk desk{session, *channel};
      return (desk.*call)(*request);
    };
  });
}

template <typename Enum, typename Take>
CLI::Option* AddWord(CLI::App& command, const std::string& name,
                     const std::vector<std::pair<std::string, Enum>>& words, Take take,
                     const std::string& help) {
  return command
      .add_option_function<int>(
          name, [take](int value) { take(static_cast<Enum>(value)); }, help)
      ->transform(CLI::CheckedTransformer(words, CLI::ignore_case));
}

void AddPlace(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::PlaceOrderRequest>();
  request->set_product(pb::PRODUCT_INTRADAY);
  request->set_validity(pb::VALIDITY_DAY);
  request->set_type(pb::ORDER_TYPE_MARKET);
  auto* const place = group.add_subcommand(
      "place", "place an order; on paper unless the service's order route is live");
  place->add_option("instrument", *request->mutable_instrument(), "key or trading symbol")
      ->required();
  AddWord(
      *place, "side", kSides, [request](pb::Side side) { request->set_side(side); }, "buy or sell")
      ->required();
  place
      ->add_option_function<std::int64_t>(
          "quantity", [request](std::int64_t quantity) { request->set_quantity(quantity); },
          "units, a multiple of the lot")
      ->required();
  place->add_option("--limit", *request->mutable_price(), "limit in rupees; without: market order");
  place->add_option("--trigger", *request->mutable_trigger_price(),
                    "trigger in rupees: a stop order");
  AddWord(
      *place, "--product", kProducts,
      [request](pb::Product product) { request->set_product(product); },
      "what the position becomes; default intraday");
  AddWord(
      *place, "--validity", kValidities,
      [request](pb::Validity validity) { request->set_validity(validity); },
      "how long it rests; default day");
  place->add_option("--id", *request->mutable_client_order_id(),
                    "your id of it; the same id is the same order");
  place->add_option_function<std::int64_t>(
      "--disclosed", [request](std::int64_t shown) { request->set_disclosed_quantity(shown); },
      "units shown to the market");
  place->add_option_function<std::int32_t>(
      "--protection",
      [request](std::int32_t percent) { request->set_market_protection_percent(percent); },
      "band of a market order round the last price, percent");
  place->add_option_function<std::vector<std::string>>(
      "--tag",
      [request](const std::vector<std::string>& tags) {
        for (const std::string& tag : tags) request->add_tags(tag);
      },
      "your own tags; kept in the ledger");
  OnCall(*place, session, request, &Desk::Place);
  const auto derive = [request] {
    const bool limit = !request->price().empty();
    const bool stop = !request->trigger_price().empty();
    request->set_type(stop ? (limit ? pb::ORDER_TYPE_STOP_LIMIT : pb::ORDER_TYPE_STOP_MARKET)
                           : (limit ? pb::ORDER_TYPE_LIMIT : pb::ORDER_TYPE_MARKET));
  };
  place->parse_complete_callback(derive);
}

void AddModify(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ModifyOrderRequest>();
  auto* const modify = group.add_subcommand("modify", "change an order that rests");
  modify->add_option("id", *request->mutable_client_order_id(), "its id")->required();
  modify->add_option_function<std::int64_t>(
      "--quantity", [request](std::int64_t quantity) { request->set_quantity(quantity); },
      "units, filled ones included");
  modify->add_option_function<std::string>(
      "--limit", [request](const std::string& price) { request->set_price(price); }, "rupees");
  modify->add_option_function<std::string>(
      "--trigger", [request](const std::string& price) { request->set_trigger_price(price); },
      "rupees");
  AddWord(
      *modify, "--type", kTypes, [request](pb::OrderType type) { request->set_type(type); },
      "how it is priced");
  AddWord(
      *modify, "--validity", kValidities,
      [request](pb::Validity validity) { request->set_validity(validity); }, "how long it rests");
  OnCall(*modify, session, request, &Desk::Modify);
}

}  // namespace

void AddOrdersCommands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("orders", "orders and their ledger");
  group->require_subcommand(1);
  AddPlace(*group, session);
  AddModify(*group, session);

  const auto cancel = std::make_shared<pb::CancelOrderRequest>();
  auto* const cancel_command = group->add_subcommand("cancel", "ask for an order's cancellation");
  cancel_command->add_option("id", *cancel->mutable_client_order_id(), "its id")->required();
  OnCall(*cancel_command, session, cancel, &Desk::Cancel);

  const auto get = std::make_shared<pb::GetOrderRequest>();
  auto* const show = group->add_subcommand("show", "one order");
  show->add_option("id", *get->mutable_client_order_id(), "its id")->required();
  OnCall(*show, session, get, &Desk::Get);

  const auto list = std::make_shared<pb::ListOrdersRequest>();
  auto* const list_command = group->add_subcommand("list", "orders, newest first");
  list_command->add_flag_callback(
      "--open", [list] { list->set_open_only(true); }, "only those that may still trade");
  list_command
      ->add_option_function<std::int32_t>(
          "--limit", [list](std::int32_t limit) { list->set_page_size(limit); },
          "at most so many; default 100")
      ->check(CLI::Range(1, 500));
  list_command->add_option("--page-token", *list->mutable_page_token(), "as the last page gave it");
  OnCall(*list_command, session, list, &Desk::List);
}

}  // namespace sauda::cli
