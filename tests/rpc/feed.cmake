sauda_test(feed_rpc_test LABEL rpc
  SOURCES rpc/feed_alerts_test.cpp rpc/feed_candles_test.cpp rpc/feed_codec_test.cpp
          rpc/feed_history_test.cpp rpc/feed_metrics_test.cpp rpc/feed_service_test.cpp
          rpc/feed_stream_test.cpp
  LINK feed_rpc feed_engine test_support)
