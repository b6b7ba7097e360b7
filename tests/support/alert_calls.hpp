#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tests/support/alert_server.hpp"
#include "tests/support/rpc_call.hpp"

namespace sauda::feed {

/// An alert service, and a test that calls it.
class AlertCalls : public testing::Test {
 protected:
  explicit AlertCalls(bool loaded = true)
      : server_{{.kept_alerts = 8, .engine = {.max_rules = 6}}, loaded} {}

  using Stub = v1alpha1::AlertService::Stub;

  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  template <typename Request, typename Response>
  Result<Response> Call(Method<Request, Response> method, const Request& request) {
    return CallOf(server_.stub(), method, request);
  }
  static v1alpha1::AlertRule Rule(const std::string& id, const std::string& instrument,
                                  double level) {
    v1alpha1::AlertRule rule;
    rule.set_alert_id(id);
    rule.set_instrument(instrument);
    rule.set_measure(v1alpha1::MEASURE_PRICE);
    rule.set_direction(v1alpha1::DIRECTION_ABOVE);
    rule.set_level(level);
    return rule;
  }
  Result<v1alpha1::AlertRule> Create(const v1alpha1::AlertRule& rule,
                                     const std::string& account = "") {
    v1alpha1::CreateAlertRequest request;
    request.set_account_id(account);
    *request.mutable_rule() = rule;
    return Call(&Stub::CreateAlert, request);
  }
  Result<v1alpha1::DeleteAlertResponse> Delete(const std::string& id) {
    v1alpha1::DeleteAlertRequest request;
    request.set_alert_id(id);
    return Call(&Stub::DeleteAlert, request);
  }
  Result<v1alpha1::ListAlertsResponse> List(std::uint32_t size, const std::string& token = "") {
    v1alpha1::ListAlertsRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    return Call(&Stub::ListAlerts, request);
  }
  static v1alpha1::WatchAlertsRequest After(const std::string& instance, std::uint64_t number) {
    v1alpha1::WatchAlertsRequest request;
    request.set_instance(instance);
    request.set_after_number(number);
    return request;
  }
  /// Fires rule `id`, which must be the only one of K1, `times` times.
  void Fire(int times) {
    for (int i = 0; i < times; ++i) {
      server_.Tick(1, 99);
      server_.Tick(1, 101);
    }
  }

  AlertServer server_;
};

}  // namespace sauda::feed
