#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "sauda/orders/v1alpha1/orders.grpc.pb.h"

namespace sauda::test {

/// One caller of sauda-orders, on a thread of its own: places orders, changes and cancels some of
/// those that rest, and repeats a call that was not answered, an order always by its own
/// client_order_id. What it asks for hangs on its seed and on what is answered. It changes one
/// thing at a time, as the oracle wants it.
class OrderCaller {
 public:
  struct Quote {
    std::string key;
    int rupees = 0;  ///< the last price; 100 or more, so that whole rupees are fine steps
  };
  struct Options {
    std::string name;  ///< first part of its client_order_ids
    std::string address;
    std::uint64_t seed = 0;
    int orders = 0;
    std::vector<Quote> quotes;
    std::atomic<int>& answered;  ///< counts the orders of all callers
  };

  explicit OrderCaller(Options options);

  /// Until every order is answered. Fails the test when one is not within five minutes.
  void Run();

  /// Cancels what may still meet the market; what is left rests far from it. Fails the test when
  /// that takes five minutes.
  void CancelWhatIsNear();

  /// Every client_order_id that was asked for.
  const std::vector<std::string>& asked() const { return asked_; }
  /// Calls that were made again, by why.
  const std::map<std::string, int>& repeats() const { return repeats_; }

 private:
  struct Resting {
    std::string id;
    int rupees = 0;
    bool buy = false;
    bool stop = false;
  };

  orders::v1alpha1::PlaceOrderRequest NextOrder(int number);
  void Place(const orders::v1alpha1::PlaceOrderRequest& request);
  void ChangeOne();
  void CancelOne();
  /// Makes a call again while it ends so that it may be, at most so long. The last status.
  grpc::Status Repeat(std::chrono::seconds limit,
                      const std::function<grpc::Status(grpc::ClientContext&)>& call);
  int Random(int least, int most);

  const Options options_;
  std::mt19937_64 random_;
  std::unique_ptr<orders::v1alpha1::OrdersService::Stub> stub_;
  std::vector<std::string> asked_;
  std::vector<Resting> resting_;
  std::vector<std::string> near_;  // may fill at any time
  std::map<std::string, int> repeats_;
};

}  // namespace sauda::test
