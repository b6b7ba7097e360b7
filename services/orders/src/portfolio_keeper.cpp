#include "services/orders/src/portfolio_keeper.hpp"

#include <string>

#include "libs/telemetry/log.hpp"

namespace sauda::orders {

void PortfolioKeeper::Start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { Run(stop); }};
}

void PortfolioKeeper::Run(const std::stop_token& stop) {
  if (!store_.WaitUntilReady(stop)) return;
  std::string told;  // the last trouble, logged once
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    const auto fresh = desk_.Refresh();
    const std::string trouble = fresh ? "" : fresh.error().reason;
    if (trouble != told) {
      if (fresh) spdlog::info("portfolio is there");
      if (!fresh) {
        spdlog::warn("portfolio is not there reason={} message={}", trouble,
                     telemetry::Quoted(fresh.error().message));
      }
      told = trouble;
    }
    after_();
    stopped_.wait_for(lock, stop, every_, [] { return false; });
  }
}

}  // namespace sauda::orders
