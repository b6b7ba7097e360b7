sauda_test(exchange_test LABEL core
  SOURCES core/order_book_test.cpp core/order_book_property_test.cpp core/depth_test.cpp core/desk_test.cpp
  LINK exchange test_support)
