// The gateway: last prices of 500 keys against nginx serving the same bytes, and 2000 browsers.

#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <limits>
#include <regex>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench.hpp"
#include "bench/feed_process.hpp"
#include "bench/load.hpp"
#include "libs/base/check.hpp"
#include "tests/support/stack.hpp"

namespace sauda::bench {
namespace {

constexpr int kKeys = 500;
constexpr int kBrowsers = 2'000;
constexpr int kRuns = 5;

/// The real sauda-gateway as a process in front of a feed.
class GatewayProcess {
 public:
  explicit GatewayProcess(const FeedProcess& feed)
      : port_{test::FreePort()},
        process_{test::Process::Command{
            .arguments = {test::Stack::Program("sauda-gateway"), "--listen", address(),
                          "--metrics-listen", "127.0.0.1:" + std::to_string(test::FreePort())},
            .environment = {{"SAUDA_BROKER", "sim"},
                            {"SAUDA_FEED_ADDRESS", feed.address()},
                            {"SAUDA_AUTH_ADDRESS", feed.auth_address()},
                            {"SAUDA_INSTRUMENTS_ADDRESS", feed.instruments_address()},
                            {"SAUDA_LOG_LEVEL", "warning"}},
            .output_file = folder_.path() + "/gateway.log"}} {
    const bool all =
        test::WaitUntil([this] { return Get(kPath).find("\"count\":500") != std::string::npos; },
                        std::chrono::seconds{60});
    Check(all, "the gateway does not have the 500 prices");
  }
  static constexpr const char* kPath = "/api/v1/market/market-feed/all/prices";

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  std::string Get(const std::string& path) const {
    return test::RunCommand({.arguments = {"curl", "-s", "http://" + address() + path}}).output;
  }

 private:
  test::TempFolder folder_;
  int port_;
  test::Process process_;
};

/// nginx with one file in memory.
class NginxFloor {
 public:
  explicit NginxFloor(const std::string& body) : port_{test::FreePort()} {
    std::ofstream{folder_.path() + "/prices"} << body;
    std::ofstream{folder_.path() + "/nginx.conf"}
        << "daemon off; worker_processes 1; pid " << folder_.path()
        << "/pid; error_log stderr warn;\n"
        << "events { worker_connections 256; }\nhttp { access_log off; sendfile on;"
        << " open_file_cache max=10; keepalive_requests 1000000; default_type application/json;\n"
        << "client_body_temp_path " << folder_.path() << "/b; proxy_temp_path " << folder_.path()
        << "/p; fastcgi_temp_path " << folder_.path() << "/f; uwsgi_temp_path " << folder_.path()
        << "/u; scgi_temp_path " << folder_.path() << "/s;\n"
        << "server { listen 127.0.0.1:" << port_ << "; root " << folder_.path() << "; } }\n";
    process_ = std::make_unique<test::Process>(
        test::Process::Command{.arguments = {"/usr/sbin/nginx", "-c",
                                             folder_.path() + "/nginx.conf", "-p", folder_.path()},
                               .output_file = folder_.path() + "/log"});
    Check(test::WaitUntil([this] {
            return test::RunCommand({.arguments = {"curl", "-sf", "-o", "/dev/null", Url()}})
                       .exit_code == 0;
          }),
          "nginx does not start");
  }
  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/prices"; }

 private:
  test::TempFolder folder_;
  int port_;
  std::unique_ptr<test::Process> process_;
};

/// Requests per second of an address, by wrk over 32 connections.
double RequestsPerSecond(const std::string& url) {
  const auto done =
      test::RunCommand({.arguments = {"wrk", "-t", "1", "-c", "32", "-d", "2s", url}});
  std::smatch found;
  Check(std::regex_search(done.output, found, std::regex{R"(Requests/sec:\s+([0-9.]+))"}),
        "wrk gives no figure");
  Check(done.output.find("Non-2xx") == std::string::npos, "not every answer was 200");
  return std::stod(found[1]);
}

std::vector<Row> LastPrices() {
  BrokerPeer broker{kKeys};
  const FeedProcess feed{broker};
  broker.Send(kKeys);
  const GatewayProcess gateway{feed};
  const NginxFloor nginx{gateway.Get(GatewayProcess::kPath)};
  return {Interleave(
      {.name = "gateway.ltp_500", .unit = "requests/s", .budget = 0.5},
      [&] { return RequestsPerSecond("http://" + gateway.address() + GatewayProcess::kPath); },
      [&] { return RequestsPerSecond(nginx.Url()); })};
}

/// 2000 connections to the SSE stream, five keys each, read by one thread.
class Browsers {
 public:
  Browsers(int port, const std::vector<std::string>& keys) : poll_{epoll_create1(EPOLL_CLOEXEC)} {
    for (int i = 0; i < kBrowsers; ++i) Open(port, keys, static_cast<std::size_t>(i) * 5);
    thread_ = std::thread{[this] { Read(); }};
  }
  ~Browsers() {
    stop_ = true;
    thread_.join();
    for (const int each : sockets_) (void)close(each);
    (void)close(poll_);
  }
  Browsers(const Browsers&) = delete;
  Browsers& operator=(const Browsers&) = delete;

  void Measure(std::int64_t from_us) { from_us_ = from_us; }
  std::vector<double> Finish() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread{[] {}};
    return latencies_;
  }
  int streaming() const { return streaming_; }

 private:
  void Open(int port, const std::vector<std::string>& keys, std::size_t first) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Check(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0, "the gateway refuses");
    std::string symbols;
    for (std::size_t i = 0; i < 5; ++i) {
      std::string key = keys[(first + i) % keys.size()];
      key.replace(key.find('|'), 1, "%7C");
      symbols += (symbols.empty() ? "" : ",") + key;
    }
    const std::string request = "GET /api/v1/market/stream?symbols=" + symbols +
                                " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
    Check(write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size()),
          "write");
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(sockets_.size());
    (void)epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
    sockets_.push_back(fd);
    seen_.push_back(false);
  }

  /// The send time is the time of the last trade: the first number after its name.
  void Take(std::string_view text, std::int64_t now) {
    constexpr std::string_view kName = "\"ltt\":";
    for (std::size_t at = 0; (at = text.find(kName, at)) != std::string_view::npos;
         at += kName.size()) {
      const std::int64_t sent = std::atoll(text.data() + at + kName.size());
      if (sent >= from_us_) latencies_.push_back(static_cast<double>(now - sent) / 1'000);
    }
  }

  void Read() {
    std::array<epoll_event, 256> events{};
    std::string buffer(65'536, '\0');
    while (!stop_) {
      const int ready = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 50);
      for (int i = 0; i < ready; ++i) {
        const std::uint32_t which = events[static_cast<std::size_t>(i)].data.u32;
        const ssize_t got = read(sockets_[which], buffer.data(), buffer.size() - 1);
        if (got <= 0) continue;
        buffer[static_cast<std::size_t>(got)] = '\0';
        if (!seen_[which]) ++streaming_;
        seen_[which] = true;
        Take({buffer.data(), static_cast<std::size_t>(got)}, NowUs());
      }
    }
  }

  const int poll_;
  std::vector<int> sockets_;
  std::vector<bool> seen_;
  std::vector<double> latencies_;
  std::atomic<std::int64_t> from_us_{std::numeric_limits<std::int64_t>::max()};
  std::atomic<int> streaming_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

std::vector<Row> ManyBrowsers() {
  BrokerPeer broker{kKeys};
  const FeedProcess feed{broker};
  broker.Send(kKeys);
  const GatewayProcess gateway{feed};
  std::vector<double> p99;
  int streaming = 0;
  for (int run = 0; run < kRuns; ++run) {
    Browsers browsers{gateway.port(), broker.keys()};
    (void)test::WaitUntil([&] { return browsers.streaming() == kBrowsers; });
    const Load load{.frames_per_second = 100};
    browsers.Measure(NowUs() + 1'000'000);
    (void)Pace(load, std::chrono::seconds{4},
               [&](std::int64_t) { broker.Send(load.ticks_per_frame); });
    streaming = browsers.streaming();
    p99.push_back(Percentile(browsers.Finish(), 0.99));
  }
  return {{.name = "gateway.sse_clients",
           .value = static_cast<double>(streaming),
           .unit = "clients",
           .budget = kBrowsers},
          {.name = "gateway.sse_2000.p99",
           .value = Median(p99),
           .unit = "ms",
           .budget = 10,
           .larger_is_better = false}};
}

}  // namespace

std::vector<Benchmark> GatewayBenchmarks() {
  return {{"gateway.ltp_500", LastPrices}, {"gateway.sse_2000", ManyBrowsers}};
}

}  // namespace sauda::bench
