#include "libs/base/text.hpp"

#include <gtest/gtest.h>

namespace sauda {
namespace {

TEST(Utf8Test, TellsTextFromBytes) {
  for (const char* text : {"", "abc", "\xc3\xa9", "\xe2\x82\xb9", "\xf0\x9f\x98\x80"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* bytes : {"\xff", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "a\x80", "\xe2\x82"}) {
    EXPECT_FALSE(IsUtf8(bytes));
  }
}

TEST(Utf8Test, MeasuresTheFirstCharacter) {
  EXPECT_EQ(Utf8Length("a\xff"), 1U);
  EXPECT_EQ(Utf8Length("\xe2\x82\xb9 1"), 3U);
  EXPECT_EQ(Utf8Length("\xf0\x9f\x98\x80"), 4U);
  EXPECT_EQ(Utf8Length(""), 0U);
  EXPECT_EQ(Utf8Length("\x80"), 0U);
}

TEST(LoopbackHostTest, TellsThisMachineFromOthers) {
  for (const char* host : {"localhost", "127.0.0.1", "127.255.255.255", "::1"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host :
       {"", "localhost.lan", "127.example", "127.0.0", "127.0.0.256", "127.0.0.01", "127.0.0.1.2",
        "127.0.0.", "127.", "128.0.0.1", "0.0.0.0", "127.0.0.1:80"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

}  // namespace
}  // namespace sauda
