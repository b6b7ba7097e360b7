# The simulator's market side. sim_market is pure; sim_feed reads files and writes the broker's bytes.
sauda_library(sim_market LINK base)
sauda_library(sim_feed LINK sim_market proto_upstox)
