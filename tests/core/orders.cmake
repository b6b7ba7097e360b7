sauda_test(orders_core_test LABEL core
  SOURCES core/order_rules_test.cpp core/order_state_test.cpp core/order_desk_test.cpp
          core/order_changes_test.cpp core/order_modify_test.cpp
          core/cancel_sweep_test.cpp core/kill_switch_test.cpp core/order_gates_test.cpp core/order_reconciler_test.cpp
          core/deal_maker_test.cpp core/paper_engine_test.cpp core/paper_writer_test.cpp
          core/portfolio_desk_test.cpp core/trade_reader_test.cpp
  LINK orders_core test_support)
