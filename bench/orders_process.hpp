#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/http/server.hpp"
#include "libs/rpc/server.hpp"
#include "tests/support/private_stores.hpp"
#include "tests/support/test_certificates.hpp"

namespace sauda::bench {

/// The least broker that takes orders, in this process: TLS, an empty book, a portfolio stream that
/// says nothing, and a place call that only notes when it was reached.
class OrderPeer {
 public:
  OrderPeer();
  ~OrderPeer();
  OrderPeer(const OrderPeer&) = delete;
  OrderPeer& operator=(const OrderPeer&) = delete;

  std::string url() const { return server_->url(); }
  std::string ca_file() const { return folder_.path() + "/ca.pem"; }

  /// Microseconds of the monotonic clock at which the newest place call was read.
  std::int64_t reached_us() const {
    const std::lock_guard lock{mutex_};
    return reached_us_;
  }

 private:
  const test::TempFolder folder_;
  const TestCertificates certificates_ = TestCertificates::Make();
  mutable std::mutex mutex_;
  std::int64_t reached_us_ = 0;  // guarded by mutex_
  std::int64_t orders_ = 0;      // guarded by mutex_
  std::unique_ptr<http::Server> server_;
};

/// The real sauda-orders as a process, order route live, with a PostgreSQL and a Redis beside it
/// and the peer as its broker. Auth and instruments are answered from here.
class OrdersProcess {
 public:
  explicit OrdersProcess(OrderPeer& broker);
  ~OrdersProcess();
  OrdersProcess(const OrdersProcess&) = delete;
  OrdersProcess& operator=(const OrdersProcess&) = delete;

  const std::string& address() const { return address_; }
  const test::PrivatePostgres& postgres() const { return postgres_; }
  const test::PrivateRedis& redis() const { return redis_; }
  void KillStores() {
    postgres_.Kill();
    redis_.Kill();
  }

 private:
  class Auth;
  class Instruments;

  void WaitUntilAccepting() const;

  test::TempFolder folder_;
  test::PrivatePostgres postgres_;
  test::PrivateRedis redis_;
  std::unique_ptr<Auth> auth_;
  std::unique_ptr<Instruments> instruments_;
  rpc::Server auth_server_;
  rpc::Server instruments_server_;
  const std::string address_;
  std::unique_ptr<test::Process> process_;
};

}  // namespace sauda::bench
