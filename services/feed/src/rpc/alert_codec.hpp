#pragma once

#include "sauda/feed/v1alpha1/alerts.pb.h"
#include "services/feed/src/core/alerts/alert_log.hpp"
#include "services/feed/src/core/alerts/alert_rule.hpp"
#include "services/feed/src/core/alerts/webhook.hpp"

namespace sauda::feed {

/// As the caller wrote it: not checked, and with whatever it calls the instrument as the key.
AlertRule FromProto(const v1alpha1::AlertRule& rule);
v1alpha1::AlertRule ToProto(const AlertRule& rule);
v1alpha1::Alert ToProto(const Alert& alert);
/// Without its secret.
v1alpha1::Webhook ToProto(const Webhook& webhook);

}  // namespace sauda::feed
