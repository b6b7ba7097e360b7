#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/feed_words.hpp"
#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = feed::v1alpha1;

/// The lists of some types are long: what a selection asks the instruments service takes its time.
constexpr std::chrono::seconds kSelectionLimit{30};

std::string TypeName(pb::Kind kind) {
  for (const auto& [name, each] : kTypes) {
    if (each == kind) return name;
  }
  return "others";
}

/// What was left out, and why: a line for each.
void TellLeftOut(std::ostream& err, const pb::SubscribeResponse& done) {
  for (const auto& each : done.selected()) {
    err << TypeName(each.kind()) << ": " << each.taken() << " of " << each.total();
    if (each.limited_by() == pb::LIMITED_BY_REQUEST) err << ", --limit " << each.limit();
    if (each.limited_by() == pb::LIMITED_BY_KIND) {
      err << ", the feed's --limit-" << TypeName(each.kind()) << ' ' << each.limit();
    }
    err << '\n';
  }
  if (done.near_price() > 0) err << "strikes nearest to " << done.near_price() << " first\n";
  for (const auto& each : done.refused()) {
    err << "left out: " << Printable(each.message()) << '\n';
  }
}

int RunSubscribe(const Session& session, pb::SubscribeRequest request) {
  const auto channel = session.Connect(session.addresses.feed);
  if (!channel) return session.Fail("feed subscribe", channel.error());
  request.set_account_id(session.account);
  pb::SubscribeResponse done;
  const std::chrono::milliseconds limit =
      request.has_selection()
          ? std::max<std::chrono::milliseconds>(session.timeout(), kSelectionLimit)
          : session.timeout();
  const auto asked = session.Call(limit, [&](grpc::ClientContext& context) {
    return pb::FeedService::NewStub(*channel)->Subscribe(&context, request, &done);
  });
  if (!asked) return session.Fail("feed subscribe", asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(done), true) << '\n';
  } else {
    for (const std::string& key : done.instrument_keys()) {
      session.io.out << Printable(key) << '\n';
    }
    TellLeftOut(session.io.err, done);
  }
  return done.instrument_keys().empty() ? kRefused : kOk;
}

int RunUnsubscribe(const Session& session, pb::UnsubscribeRequest request) {
  const auto channel = session.Connect(session.addresses.feed);
  if (!channel) return session.Fail("feed unsubscribe", channel.error());
  request.set_account_id(session.account);
  pb::UnsubscribeResponse done;
  const auto asked = session.Call(session.timeout(), [&](grpc::ClientContext& context) {
    return pb::FeedService::NewStub(*channel)->Unsubscribe(&context, request, &done);
  });
  if (!asked) return session.Fail("feed unsubscribe", asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(done), true) << '\n';
  } else {
    session.io.out << done.instrument_keys_size() << " ended\n";
  }
  return kOk;
}

template <typename Request>
CLI::Option* AddNames(CLI::App& command, const std::shared_ptr<Request>& request) {
  return command.add_option_function<std::vector<std::string>>(
      "keys",
      [request](const std::vector<std::string>& keys) {
        for (const std::string& key : keys) request->add_names(key);
      },
      "keys or symbols, such as 'NSE_INDEX|Nifty 50'");
}

/// Adds an option that sets a field of the selection.
template <typename Value, typename Set>
CLI::Option* AddChoice(CLI::App& command, const std::shared_ptr<pb::SubscribeRequest>& request,
                       const char* name, const char* help, Set set) {
  return command.add_option_function<Value>(
      name, [request, set](const Value& value) { set(*request->mutable_selection(), value); },
      help);
}

void AddSelection(CLI::App& command, const std::shared_ptr<pb::SubscribeRequest>& request) {
  using Texts = std::vector<std::string>;
  using Text = std::string;
  AddChoice<pb::Kind>(command, request, "--type", "all of a type: index, equity, futures, options",
                      [](auto& it, pb::Kind kind) { it.set_kind(kind); })
      ->transform(CLI::CheckedTransformer(kTypes, CLI::ignore_case));
  AddChoice<Text>(command, request, "--underlying", "the futures and options of this key or symbol",
                  [](auto& it, const Text& name) { it.set_underlying(name); });
  AddChoice<pb::Universe>(command, request, "--universe",
                          "fo: what NSE's futures and options are written on",
                          [](auto& it, pb::Universe universe) { it.set_universe(universe); })
      ->transform(CLI::CheckedTransformer(kUniverses, CLI::ignore_case));
  AddChoice<Texts>(command, request, "--exclude", "these are not of the universe",
                   [](auto& it, const Texts& names) {
                     for (const Text& name : names) it.add_exclude(name);
                   })
      ->allow_extra_args(false);
  AddChoice<Text>(command, request, "--segment", "only this one, such as NSE_FO",
                  [](auto& it, const Text& segment) { it.set_segment(segment); });
  AddChoice<std::uint32_t>(command, request, "--limit", "at most so many",
                           [](auto& it, std::uint32_t limit) { it.set_limit(limit); })
      ->check(CLI::Range(1, 5'000));
  AddChoice<double>(command, request, "--near",
                    "strikes nearest to this price first; default the underlying's newest",
                    [](auto& it, double price) { it.set_near_price(price); })
      ->check(CLI::PositiveNumber);
}

}  // namespace

void AddSubscribeCommands(CLI::App& group, Session& session) {
  const auto subscribe = std::make_shared<pb::SubscribeRequest>();
  auto* const subscribe_command =
      group.add_subcommand("subscribe", "subscribe at the broker, whoever listens");
  AddNames(*subscribe_command, subscribe);
  AddSelection(*subscribe_command, subscribe);
  subscribe_command
      ->add_option_function<pb::Mode>(
          "--mode", [subscribe](const pb::Mode& mode) { subscribe->set_mode(mode); },
          "how much of each; default full")
      ->transform(CLI::CheckedTransformer(kModes, CLI::ignore_case));
  subscribe_command->add_flag_callback(
      "--partial", [subscribe] { subscribe->set_partial(true); },
      "leave out what nothing goes by instead of refusing all");
  subscribe_command->callback([&session, subscribe] {
    if (subscribe->names().empty() && !subscribe->has_selection()) {
      throw CLI::ValidationError("feed subscribe", "keys, --type, --underlying or --universe");
    }
    session.action = [&session, subscribe] { return RunSubscribe(session, *subscribe); };
  });

  const auto unsubscribe = std::make_shared<pb::UnsubscribeRequest>();
  auto* const unsubscribe_command = group.add_subcommand("unsubscribe", "end subscriptions");
  AddNames(*unsubscribe_command, unsubscribe)->required();
  unsubscribe_command->callback([&session, unsubscribe] {
    session.action = [&session, unsubscribe] { return RunUnsubscribe(session, *unsubscribe); };
  });
}

}  // namespace sauda::cli
