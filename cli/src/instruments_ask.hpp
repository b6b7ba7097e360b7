#pragma once

#include <ostream>
#include <string>

#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"

namespace sauda::cli {

/// Asks the instruments service one question, and shows the answer as JSON or by `print`.
template <typename Response, typename Request>
int AskInstruments(const Session& session, const std::string& doing,
                   grpc::Status (instruments::v1alpha1::InstrumentsService::Stub::*method)(
                       grpc::ClientContext*, const Request&, Response*),
                   const Request& request, void (*print)(const Response&, std::ostream&)) {
  const auto channel = session.Connect(session.addresses.instruments);
  if (!channel) return session.Fail(doing, channel.error());
  const auto stub = instruments::v1alpha1::InstrumentsService::NewStub(*channel);
  Response response;
  const auto asked = session.Call(session.timeout(), [&](grpc::ClientContext& context) {
    return (*stub.*method)(&context, request, &response);
  });
  if (!asked) return session.Fail(doing, asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(response), true) << '\n';
  } else {
    print(response, session.io.out);
  }
  return kOk;
}

}  // namespace sauda::cli
