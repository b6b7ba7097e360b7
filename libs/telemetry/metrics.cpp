#include "libs/telemetry/metrics.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/settings/version.hpp"

namespace sauda::telemetry {
namespace {

/// Opens a connection to a port of this machine again and again until it is stopped. The exposer's
/// server looks whether it should stop when somebody comes, else every two seconds.
void Knock(const std::stop_token& stop, int port) {
  constexpr std::chrono::milliseconds kPause{5};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock{mutex};
  while (!stop.stop_requested()) {
    const int door = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (door < 0) return;  // then it takes the two seconds
    (void)::connect(door, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(door);
    (void)stopped.wait_for(lock, stop, kPause, [] { return false; });
  }
}

}  // namespace

MetricsExporter::MetricsExporter(const std::string& service)
    : registry_{std::make_shared<prometheus::Registry>()} {
  prometheus::BuildGauge()
      .Name("sauda_" + service + "_build_info")
      .Help("Version of the build; always 1.")
      .Register(*registry_)
      .Add({{"version", kVersion}, {"commit", kCommit}})
      .Set(1);
}

MetricsExporter::~MetricsExporter() {
  if (!exposer_) return;
  const int port = exposer_->GetListeningPorts().front();
  const std::jthread knocking{[port](const std::stop_token& stop) { Knock(stop, port); }};
  exposer_.reset();
}

Result<void> MetricsExporter::Start(const std::string& address) {
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception&) {  // civetweb says no more than that it could not start
    return Error{Code::kUnavailable, "PORT_TAKEN", "cannot serve metrics on " + address};
  }
  exposer_->RegisterCollectable(registry_);
  return {};
}

}  // namespace sauda::telemetry
