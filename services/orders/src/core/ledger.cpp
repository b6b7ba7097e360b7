#include "services/orders/src/core/ledger.hpp"

namespace sauda::orders {

Result<std::vector<KeptDeal>> DealsOfOrder(Ledger& ledger, const OrderName& name) {
  constexpr std::size_t kMostDeals = 100'000;
  std::vector<KeptDeal> all;
  Ledger::DealQuery query{
      .account_id = name.account_id, .client_order_id = name.client_order_id, .limit = 1'000};
  while (all.size() <= kMostDeals) {
    const auto page = ledger.Deals(query);
    if (!page) return page.error();
    all.insert(all.end(), page->deals.begin(), page->deals.end());
    if (!page->next) return all;
    query.after = *page->next;
  }
  return Error{Code::kResourceExhausted, "TOO_MANY_TRADES",
               "order " + name.client_order_id + " has more trades than any order can have"};
}

}  // namespace sauda::orders
