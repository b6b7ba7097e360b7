sauda_test(orders_portfolio_test LABEL core
  SOURCES core/portfolio_trade_test.cpp core/portfolio_position_test.cpp
          core/portfolio_day_test.cpp core/portfolio_conversion_test.cpp
          core/portfolio_report_test.cpp core/portfolio_differences_test.cpp
          core/portfolio_property_test.cpp
  LINK orders_portfolio test_support)
