sauda_test(feed_alerts_test LABEL core
  SOURCES core/feed_alert_caller_test.cpp core/feed_alert_desk_test.cpp
          core/feed_alert_engine_test.cpp core/feed_alert_feed_state_test.cpp
          core/feed_alert_keeper_test.cpp core/feed_alert_minutes_test.cpp
          core/feed_alert_property_test.cpp core/feed_alert_rule_test.cpp
          core/feed_alert_volume_test.cpp core/feed_webhook_test.cpp
  LINK feed_engine test_support)

sauda_test(feed_core_test LABEL core
  SOURCES core/feed_batch_buffers_test.cpp core/feed_board_test.cpp core/feed_book_test.cpp core/feed_cadence_test.cpp
          core/feed_candle_desk_test.cpp core/feed_candle_keeper_restart_test.cpp
          core/feed_candle_keeper_test.cpp core/feed_candles_bars_test.cpp
          core/feed_candles_state_test.cpp core/feed_candles_test.cpp
          core/feed_candles_unseen_test.cpp core/feed_connection_rule_test.cpp
          core/feed_connector_test.cpp core/feed_desk_test.cpp core/feed_follow_filter_test.cpp
          core/feed_hand_over_random_test.cpp core/feed_hand_over_test.cpp core/feed_history_pager_test.cpp core/feed_ingest_test.cpp
          core/feed_link_test.cpp core/feed_mailbox_test.cpp core/feed_merge_test.cpp
          core/feed_pool_faults_test.cpp core/feed_pool_gap_test.cpp core/feed_pool_test.cpp
          core/feed_publisher_test.cpp core/feed_socket_plan_test.cpp
          core/feed_state_keeper_test.cpp core/feed_store_candles_test.cpp
          core/feed_store_follower_test.cpp core/feed_tick_retirer_test.cpp
  LINK feed_engine test_support)

# Apart from the others: reading recordings links protobuf.
sauda_test(feed_candles_real_test LABEL core TIMEOUT 300
  SOURCES core/feed_candles_real_test.cpp
  LINK feed_core sim_feed)
# Where the recordings are unless SAUDA_REAL_DATA says otherwise; tests run in the build folder.
target_compile_definitions(feed_candles_real_test
  PRIVATE SAUDA_REAL_DATA_DEFAULT="${CMAKE_SOURCE_DIR}/../shared/data")
