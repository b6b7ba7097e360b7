#include "libs/base/secret.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace sauda {
namespace {

TEST(SecretTest, PrintsAsStars) {
  const Secret secret{"hunter2"};
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(secret.Reveal(), "hunter2");
}

TEST(SecretTest, MovedFromIsEmpty) {
  Secret from{"hunter2"};
  const Secret to{std::move(from)};
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(to.Reveal(), "hunter2");
}

}  // namespace
}  // namespace sauda
