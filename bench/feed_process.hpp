#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/broker_peer.hpp"
#include "libs/rpc/server.hpp"
#include "tests/support/private_stores.hpp"

namespace sauda::bench {

/// The real sauda-feed as a process, with a PostgreSQL of its own, connected to a broker peer and
/// subscribed to all its keys. Auth and instruments are answered from here, at no cost to speak of.
class FeedProcess {
 public:
  /// `more` are arguments of the feed beside the usual ones.
  explicit FeedProcess(BrokerPeer& broker, const std::vector<std::string>& more = {});
  ~FeedProcess();
  FeedProcess(const FeedProcess&) = delete;
  FeedProcess& operator=(const FeedProcess&) = delete;

  const std::string& address() const { return address_; }
  std::string auth_address() const { return "127.0.0.1:" + std::to_string(auth_server_.port()); }
  std::string instruments_address() const {
    return "127.0.0.1:" + std::to_string(instruments_server_.port());
  }
  /// Resident memory now, MiB.
  double ResidentMib() const;
  test::PrivatePostgres& postgres() { return postgres_; }
  /// Subscribes every key of the peer in full mode and waits until the peer was asked for them.
  void SubscribeAll();

 private:
  class Auth;
  class Instruments;

  BrokerPeer& broker_;
  test::TempFolder folder_;
  test::PrivatePostgres postgres_;
  std::unique_ptr<Auth> auth_;
  std::unique_ptr<Instruments> instruments_;
  rpc::Server auth_server_;
  rpc::Server instruments_server_;
  std::string address_;
  std::unique_ptr<test::Process> process_;
};

}  // namespace sauda::bench
