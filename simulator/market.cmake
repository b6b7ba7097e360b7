# The simulator's market side. sim_market is pure; sim_feed reads files and writes the broker's bytes.
sauda_library(sim_market
  SOURCES src/core/feed_session.cpp src/core/greeks.cpp src/core/market_generated.cpp
          src/core/market_hours.cpp src/core/market_listing.cpp src/core/market_price.cpp
          src/core/master.cpp src/core/master_contracts.cpp src/core/master_generate.cpp
          src/core/master_lists.cpp
          src/core/master_reference.cpp src/core/replay_market.cpp
  LINK base calendar nlohmann_json::nlohmann_json)
sauda_library(sim_feed
  SOURCES src/capture_reader.cpp src/feed_encoder.cpp src/feed_json.cpp src/feed_state.cpp
          src/journal_capture.cpp src/json_array_file.cpp src/master_reader.cpp
  ALONE src/feed_encoder.cpp src/feed_state.cpp src/journal_capture.cpp
  LINK sim_market journal proto_upstox simdjson::simdjson spdlog::spdlog ZLIB::ZLIB)
