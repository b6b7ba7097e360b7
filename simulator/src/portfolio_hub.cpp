#include "simulator/src/portfolio_hub.hpp"

#include <sstream>
#include <utility>

#include <spdlog/spdlog.h>

#include "simulator/src/rest/envelope.hpp"
#include "simulator/src/tokens.hpp"

namespace sauda::sim {
namespace {

const std::set<std::string> kTypes = {"order", "gtt_order", "position", "holding"};

/// The types of `update_types`, commas between; the default is orders.
std::set<std::string> SplitTypes(std::string_view text) {
  if (text.empty()) return {"order"};
  std::set<std::string> types;
  std::istringstream list{std::string{text}};
  for (std::string type; std::getline(list, type, ',');) types.insert(type);
  return types;
}

}  // namespace

PortfolioHub::PortfolioHub(Loop& loop, Faults& faults, Metrics& metrics, Options options)
    : loop_{loop},
      all_faults_{faults},
      metrics_{metrics},
      options_{std::move(options)},
      tickets_{RandomUuid},
      sockets_{loop,
               {.on_open = [this](SocketSet::Id id) { OnOpen(id); },
                .on_message = [](SocketSet::Id, const std::string&,
                                 http::FrameKind) {},  // clients have nothing to say here
                .on_closed =
                    [this](SocketSet::Id id, std::uint16_t code) {
                      sessions_.erase(id);
                      faults_.Forget(id);
                      metrics_.portfolio_sessions.Set(static_cast<double>(sockets_.size()));
                      spdlog::info("portfolio session over session={} code={}", id, code);
                    }}},
      faults_{loop,
              faults,
              sockets_,
              {.target = FaultTarget::kPortfolio,
               .frame = http::FrameKind::kText,
               .broken = [](SocketSet::Id, FaultKind kind) {
                 return std::string{kind == FaultKind::kGarbage
                                        ? "\x01 no JSON"
                                        : R"({"update_type":"order","user_)"};
               }}} {}

Answer<std::string> PortfolioHub::NewAddress(const http::Request& request, Monotonic now) {
  const std::string types{request.Query("update_types")};
  for (const std::string& type : SplitTypes(types)) {
    if (kTypes.contains(type)) continue;
    return Refuse({.http = 400,
                   .code = "UDAPI100036",
                   .message = "The 'update_types' may hold order, gtt_order, position, holding",
                   .property = "update_types",
                   .invalid_value = type});
  }
  std::string host = options_.announced_host;
  if (host.empty()) host = request.headers.Get("Host");
  const std::string code = tickets_.New(types, now);
  if (faults_.UsesUpCode(now)) (void)tickets_.Take(code, now);
  return "wss://" + host + kPath + "?requestId=" + RandomUuid() + "&code=" + code;
}

void PortfolioHub::Connect(const http::Request& request, const Moment& moment,
                           http::Upgrade& upgrade) {
  const auto types = tickets_.Take(request.Query("code"), moment.now);
  if (!types || sockets_.size() >= options_.max_connections) {
    return upgrade.Refuse(FailureOfStatus(403));
  }
  const SocketSet::Id id = sockets_.Accept(upgrade, {.idle_limit = options_.idle_limit});
  sessions_[id].types = SplitTypes(*types);
  metrics_.portfolio_sessions.Set(static_cast<double>(sockets_.size()));
  spdlog::info("portfolio session accepted session={} peer={}", id, request.peer);
}

void PortfolioHub::OnOpen(SocketSet::Id id) {
  const Monotonic now = std::chrono::steady_clock::now();
  if (faults_.Admit(id, now)) faults_.Resume(now);
}

void PortfolioHub::Publish(const std::string& type, const std::string& message) {
  const Monotonic now = std::chrono::steady_clock::now();
  const auto bytes = std::make_shared<const std::string>(message);
  FaultPlan* const plan = all_faults_.plan();
  for (auto& [id, session] : sessions_) {
    if (!session.types.contains(type) || faults_.Silenced(id, now)) continue;
    const UpdateFate fate = plan == nullptr ? UpdateFate{} : plan->DrawUpdate();
    Send(id, session.shuffle.Pass(bytes, fate));
    if (fate.cut) sockets_.Find(id)->Drop();
    if (!session.shuffle.holds() || flush_due_) continue;
    flush_due_ = true;
    loop_.At(now + kHeldAtMost, [this] { Flush(); });
  }
}

void PortfolioHub::Flush() {
  flush_due_ = false;
  for (auto& [id, session] : sessions_) Send(id, session.shuffle.Flush());
}

void PortfolioHub::Send(SocketSet::Id id, const std::vector<Bytes>& messages) {
  const auto socket = sockets_.Find(id);
  for (const Bytes& bytes : messages) {
    if (socket->Send(bytes, http::FrameKind::kText) == http::Offer::kTaken) {
      metrics_.portfolio_frames.Increment();
    } else {
      spdlog::warn("portfolio session cut, it does not read session={}", id);
      socket->Drop();
      return;
    }
  }
}

}  // namespace sauda::sim
