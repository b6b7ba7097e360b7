#include "libs/telemetry/dependencies.hpp"

#include <algorithm>

#include "libs/base/check.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::telemetry {

Dependencies::Dependencies(prometheus::Registry& registry, const std::string& service,
                           const std::vector<std::string>& names) {
  auto& family = prometheus::BuildGauge()
                     .Name("sauda_" + service + "_dependency_up")
                     .Help("Whether what the service leans on can be used.")
                     .Register(registry);
  for (const auto& name : names) {
    states_[name] = {.up = false, .detail = "not tried yet"};
    gauges_[name] = &family.Add({{"dependency", name}});
  }
}

std::map<std::string, Dependencies::State> Dependencies::states() const {
  const std::lock_guard lock{mutex_};
  return states_;
}

bool Dependencies::all_up() const {
  const std::lock_guard lock{mutex_};
  return std::all_of(states_.begin(), states_.end(),
                     [](const auto& each) { return each.second.up; });
}

void Dependencies::Listen(Listener listener) {
  const std::lock_guard lock{mutex_};
  listener_ = std::move(listener);
  if (!listener_) return;
  for (const auto& [name, state] : states_) listener_(name, state);
}

void Dependencies::Set(const std::string& name, State state) {
  const std::lock_guard lock{mutex_};
  const auto found = states_.find(name);
  Check(found != states_.end(), "a dependency that was not declared");
  const bool turned = found->second.up != state.up;
  const bool first_failure = !state.up && found->second.detail == "not tried yet";
  const bool news = turned || found->second.detail != state.detail;
  found->second = std::move(state);
  gauges_.at(name)->Set(found->second.up ? 1 : 0);
  if (turned && found->second.up) {
    spdlog::info("dependency up name={}", name);
  } else if (turned || first_failure) {
    spdlog::warn("dependency down name={} detail={}", name, Quoted(found->second.detail));
  }
  if (news && listener_) listener_(name, found->second);
}

}  // namespace sauda::telemetry
