#pragma once

#include <chrono>
#include <ostream>
#include <string>

#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"

namespace sauda::cli {

/// Asks one of the services of sauda-instruments one question, by a method of its stub, and shows
/// the answer as JSON or by `print`.
///   AskInstruments<InstrumentsService>(session, "instruments get", &Stub::GetInstrument, request,
///   Print)
template <typename Service, typename Response, typename Request>
int AskInstruments(const Session& session, const std::string& doing,
                   grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                         Response*),
                   const Request& request, void (*print)(const Response&, std::ostream&),
                   std::chrono::milliseconds more_time = {}) {
  const auto channel = session.Connect(session.addresses.instruments);
  if (!channel) return session.Fail(doing, channel.error());
  const auto stub = Service::NewStub(*channel);
  Response response;
  const auto asked = session.Call(session.timeout() + more_time, [&](grpc::ClientContext& context) {
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
