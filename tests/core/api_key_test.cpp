#include "libs/keys/api_key.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/case_name.hpp"

namespace sauda::keys {
namespace {

constexpr std::array<std::uint8_t, kIdBytes> kIdSource{0x00, 0x1f, 0xa2, 0xff,
                                                       0x10, 0x32, 0x54, 0x76};

std::array<std::uint8_t, kSecretBytes> SecretOf(std::uint8_t first) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  for (std::uint8_t& byte : bytes) byte = first++;
  return bytes;
}

TEST(DigestTest, IsTheStandardsSha256) {  // FIPS 180-2, appendix B
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestTest, GoesToTextAndBack) {
  const Digest digest = Sha256("x");
  EXPECT_EQ(FromHex(ToHex(digest)), digest);
  EXPECT_EQ(FromBytes(ToBytes(digest)), digest);
  EXPECT_FALSE(FromHex(ToHex(digest).substr(1)));
  EXPECT_FALSE(FromHex(std::string(63, 'a') + "g"));
  EXPECT_FALSE(FromBytes(ToBytes(digest) + "1"));
}

TEST(DigestTest, NoticesEveryBit) {
  const Digest digest = Sha256("x");
  EXPECT_TRUE(SameDigest(digest, Sha256("x")));
  for (std::size_t bit = 0; bit < 8 * digest.size(); ++bit) {
    Digest other = digest;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(SameDigest(digest, other)) << bit;
  }
}

TEST(KeyTextTest, HasAPrefixTheIdAndTheSecret) {
  const auto id = KeyId(kIdSource);
  EXPECT_EQ(id, "001fa2ff10325476");
  const Secret text = KeyText(id, SecretOf(0));
  // RFC 4648's alphabet over the bytes 0, 1, 2, …, 31.
  EXPECT_EQ(text.Reveal(), "sauda_001fa2ff10325476_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
  EXPECT_EQ(IdInside(text), id);
}

TEST(KeyTextTest, HashesTheWholeText) {
  const Secret one = KeyText("001fa2ff10325476", SecretOf(0));
  EXPECT_EQ(HashOf(one), Sha256(one.Reveal()));
  EXPECT_NE(HashOf(one), HashOf(KeyText("001fa2ff10325477", SecretOf(0))));
  EXPECT_NE(HashOf(one), HashOf(KeyText("001fa2ff10325476", SecretOf(1))));
}

struct Case {
  std::string name;
  std::string text;
  bool fits = false;
};
class KeyFormTest : public testing::TestWithParam<Case> {};

TEST_P(KeyFormTest, IsToldFromAnythingElse) {
  EXPECT_EQ(IdInside(Secret{GetParam().text}).has_value(), GetParam().fits);
}

const std::string kGood = "sauda_001fa2ff10325476_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
INSTANTIATE_TEST_SUITE_P(
    Texts, KeyFormTest,
    testing::Values(
        Case{"AKey", kGood, true},
        Case{"SecretWithBothSigns",
             "sauda_001fa2ff10325476_-_ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", true},
        Case{"Nothing", "", false}, Case{"PrefixAlone", "sauda_", false},
        Case{"OtherPrefix", "saudb" + kGood.substr(5), false},
        Case{"OneShort", kGood.substr(0, kGood.size() - 1), false},
        Case{"OneLong", kGood + "A", false},
        Case{"UpperCaseId", "sauda_001FA2FF10325476_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
             false},
        Case{"PlusInTheSecret",
             "sauda_001fa2ff10325476_+AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", false},
        Case{"NoLineBetween", "sauda_001fa2ff10325476AAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
             false},
        Case{"ABrokersToken", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", false}),
    CaseName{});

TEST(ScopesTest, AreASetWithoutAnyThatImpliesAnother) {
  EXPECT_TRUE(Scopes{}.empty());
  for (const Scope one : kScopes) {
    EXPECT_EQ(ScopeOf(NameOf(one)), one);
    for (const Scope other : kScopes) EXPECT_EQ(Scopes{one}.Has(other), one == other);
  }
  EXPECT_FALSE(ScopeOf("root"));
  EXPECT_EQ(TextOf({Scope::kTrade, Scope::kRead}), "read,trade");
  EXPECT_EQ(TextOf(Scopes::All()), "read,trade,admin");
}

TEST(ScopesTest, GoToBitsAndBack) {
  for (std::int64_t bits = 0; bits <= 7; ++bits) EXPECT_EQ(Scopes::FromBits(bits)->bits(), bits);
  EXPECT_FALSE(Scopes::FromBits(8));
  EXPECT_FALSE(Scopes::FromBits(-1));
}

TEST(StateOfTest, ExpiresAtTheVeryMillisecondAndStaysRevoked) {
  EXPECT_EQ(StateOf(0, 0, 5), KeyState::kActive) << "no expiry";
  EXPECT_EQ(StateOf(10, 0, 9), KeyState::kActive);
  EXPECT_EQ(StateOf(10, 0, 10), KeyState::kExpired);
  EXPECT_EQ(StateOf(10, 3, 9), KeyState::kRevoked);
  EXPECT_EQ(StateOf(10, 3, 11), KeyState::kRevoked) << "revoked wins";
}

}  // namespace
}  // namespace sauda::keys
