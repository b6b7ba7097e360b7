sauda_test(feed_contract_test LABEL contract
  SOURCES contract/feed_alert_store_test.cpp contract/feed_candles_test.cpp
          contract/feed_decoder_test.cpp contract/feed_history_test.cpp
          contract/feed_journal_test.cpp contract/feed_retirement_test.cpp
          contract/feed_store_test.cpp
  LINK feed_adapters feed_app test_support test_stack)
# The feed against the simulator; beside the stores' tests, which take turns, since it measures times.
sauda_test(feed_faults_test LABEL contract
  SOURCES contract/feed_faults_night_test.cpp contract/feed_faults_test.cpp
  LINK feed_app sim_app test_support)
# The same; each case is under a load for seconds.
sauda_test(feed_hand_over_load_test LABEL contract
  SOURCES contract/feed_hand_over_load_test.cpp
  LINK feed_adapters feed_engine sim_app test_support)
