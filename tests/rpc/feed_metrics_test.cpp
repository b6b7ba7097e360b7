#include <gtest/gtest.h>

#include "services/feed/src/metrics.hpp"

namespace sauda::feed {
namespace {

class FeedMetricsTest : public testing::Test {
 protected:
  double GapsOf(const std::string& cause) const {
    for (const auto& family : registry_.Collect()) {
      if (family.name != "sauda_feed_gaps_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.label.front().value == cause) return metric.counter.value;
      }
    }
    return -1;
  }

  prometheus::Registry registry_;
  Metrics metrics_{registry_};
};

TEST_F(FeedMetricsTest, ABatchIsTheSameAsItsValuesOneByOne) {
  SecondsBatch batch{metrics_.publish_seconds};
  for (const double seconds : {0.000005, 0.00001, 0.003, 0.003, 61.0}) {
    batch.Add(seconds);
    metrics_.commit_seconds.Observe(seconds);
  }
  EXPECT_EQ(metrics_.publish_seconds.Collect().histogram.sample_count, 0U) << "not yet";
  batch.Flush();
  batch.Flush();
  batch.Add(0.2, 3);
  batch.Flush();
  for (int i = 0; i < 3; ++i) metrics_.commit_seconds.Observe(0.2);
  const auto batched = metrics_.publish_seconds.Collect().histogram;
  const auto single = metrics_.commit_seconds.Collect().histogram;
  EXPECT_EQ(batched.sample_count, 8U);
  EXPECT_DOUBLE_EQ(batched.sample_sum, single.sample_sum);
  ASSERT_EQ(batched.bucket.size(), single.bucket.size());
  for (std::size_t i = 0; i < single.bucket.size(); ++i) {
    EXPECT_EQ(batched.bucket[i].cumulative_count, single.bucket[i].cumulative_count) << i;
  }
}

TEST_F(FeedMetricsTest, LessThanNoTimeIsNone) {
  SecondsBatch batch{metrics_.publish_seconds};
  batch.Add(-5);
  batch.Flush();
  EXPECT_EQ(metrics_.publish_seconds.Collect().histogram.sample_sum, 0);
  EXPECT_EQ(metrics_.publish_seconds.Collect().histogram.bucket.front().cumulative_count, 1U);
}

TEST_F(FeedMetricsTest, GapsCountByCauseAndUnknownOnesTogether) {
  metrics_.CountGap("RESTART");
  metrics_.CountGap("JOURNAL_LOST");
  metrics_.CountGap("JOURNAL_LOST");
  metrics_.CountGap("OF_A_LATER_VERSION");
  EXPECT_EQ(GapsOf("RESTART"), 1);
  EXPECT_EQ(GapsOf("JOURNAL_LOST"), 2);
  EXPECT_EQ(GapsOf("CONNECTION_LOST"), 0);
  EXPECT_EQ(GapsOf("OTHER"), 1);
}

}  // namespace
}  // namespace sauda::feed
