sauda_test(feed_contract_test LABEL contract
  SOURCES contract/feed_alert_store_test.cpp contract/feed_candles_test.cpp
          contract/feed_decoder_test.cpp contract/feed_history_test.cpp
          contract/feed_journal_test.cpp contract/feed_retirement_test.cpp
          contract/feed_store_test.cpp
  LINK feed_adapters feed_app test_support test_stack)
