#pragma once

#include <memory>
#include <optional>
#include <string>

#include "services/feed/src/core/alerts/webhook.hpp"

namespace sauda::feed {

/// An alert of a rule that names this webhook.
inline Alert AlertOf(std::uint64_t number, const std::string& webhook_id = "desk") {
  return {.number = number,
          .firing = {.rule = std::make_shared<const AlertRule>(
                         AlertRule{.id = "r", .webhook_id = webhook_id})}};
}

/// How a call failed; with a time: nobody was asked, nor will be before that.
inline WebhookResult Fails(const Error& why, std::optional<Monotonic> not_before = std::nullopt) {
  return tl::unexpected{WebhookFailure{why, not_before}};
}

}  // namespace sauda::feed
