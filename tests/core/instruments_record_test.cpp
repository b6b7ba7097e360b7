#include <string>

#include <gtest/gtest.h>

#include "services/instruments/src/adapters/simdjson_record_parser.hpp"
#include "services/instruments/src/core/csv_record.hpp"
#include "services/instruments/src/core/read_instrument.hpp"
#include "tests/support/case_name.hpp"

namespace sauda::instruments {
namespace {

/// A record of the master with some of its fields replaced: `"lot_size":1` by `"lot_size":0`.
std::string With(std::string record, const std::string& old, const std::string& now) {
  const auto at = record.find(old);
  EXPECT_NE(at, record.npos) << old;
  return record.replace(at, old.size(), now);
}

const std::string kShare =
    R"({"segment":"NSE_EQ","name":"RELIANCE INDUSTRIES LTD","exchange":"NSE","isin":"INE002A01018",)"
    R"("instrument_type":"EQ","instrument_key":"NSE_EQ|INE002A01018","lot_size":1,)"
    R"("freeze_quantity":100000.0,"exchange_token":"2885","tick_size":10.0,)"
    R"("trading_symbol":"RELIANCE","short_name":"Reliance Industries","qty_multiplier":1.0})";
const std::string kCall =
    R"({"weekly":true,"segment":"NSE_FO","name":"NIFTY","exchange":"NSE","expiry":1788287399000,)"
    R"("instrument_type":"CE","asset_symbol":"NIFTY","underlying_symbol":"NIFTY",)"
    R"("instrument_key":"NSE_FO|46913","lot_size":65,"freeze_quantity":1755.0,)"
    R"("exchange_token":"46913","minimum_lot":65,"underlying_key":"NSE_INDEX|Nifty 50",)"
    R"("tick_size":5.0,"trading_symbol":"NIFTY 22200 CE 01 SEP 26","strike_price":22200.5,)"
    R"("qty_multiplier":1.0})";
const std::string kIndex =
    R"({"segment":"NSE_INDEX","name":"Nifty 50","exchange":"NSE","instrument_type":"INDEX",)"
    R"("instrument_key":"NSE_INDEX|Nifty 50","exchange_token":"26000","trading_symbol":"NIFTY"})";
const std::string kSpot =
    R"({"segment":"NSE_COM","name":"SILVERMIC","exchange":"NSE","instrument_type":"COM",)"
    R"("instrument_key":"NSE_COM|13","lot_size":1,"freeze_quantity":600.0,"exchange_token":"13",)"
    R"("tick_size":100.0,"trading_symbol":"SILVERMIC","strike_price":0.0,"qty_multiplier":1.0})";
const std::string kCurrency = With(With(kCall, "NSE_FO|46913", "NCD_FO|46913"),
                                   R"("segment":"NSE_FO")", R"("segment":"NCD_FO")");

Result<Instrument> Read(const std::string& json) {
  SimdjsonRecordParser parser;
  RawRecord raw;
  Instrument instrument;
  if (auto parsed = parser.Parse(json, raw); !parsed) return parsed.error();
  if (auto read = ReadInstrument(raw, TickUnit::kPaise, instrument); !read) return read.error();
  return instrument;
}

struct Case {
  std::string name;
  std::string record;
  std::string reason;  // none: good
};
class RecordTest : public testing::TestWithParam<Case> {};

TEST_P(RecordTest, IsGoodOrGivesTheReason) {
  const auto read = Read(GetParam().record);
  EXPECT_EQ(read ? "" : read.error().reason, GetParam().reason)
      << (read ? "" : read.error().message);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, RecordTest,
    testing::Values(
        Case{"Share", kShare, ""}, Case{"Call", kCall, ""}, Case{"Index", kIndex, ""},
        Case{"Spot", kSpot, ""}, Case{"Currency", kCurrency, ""},
        Case{"NotAnObject", "[1]", "RECORD_MALFORMED"}, Case{"Scalar", "17", "RECORD_MALFORMED"},
        Case{"Broken", R"({"segment":)", "RECORD_MALFORMED"},
        Case{"TextBehind", kIndex + "x", "RECORD_MALFORMED"},
        Case{"FieldTwice", With(kShare, "\"lot_size\":1", "\"lot_size\":1,\"lot_size\":2"),
             "RECORD_MALFORMED"},
        Case{"NotANumber", With(kShare, "10.0", "NaN"), "RECORD_MALFORMED"},
        Case{"BareWord", With(kCall, "true", "yes"), "RECORD_MALFORMED"},
        Case{"BeginsAsNull", With(kCall, "true", "nul"), "RECORD_MALFORMED"},
        Case{"GoesOnAfterNull", With(kCall, "true", "nullx"), "RECORD_MALFORMED"},
        Case{"BadUtf8", With(kIndex, "Nifty 50\"", "Nifty \xff\""), "RECORD_MALFORMED"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Keys, RecordTest,
    testing::Values(
        Case{"Missing", With(kIndex, R"("instrument_key":"NSE_INDEX|Nifty 50",)", ""),
             "KEY_MISSING"},
        Case{"Empty", With(kIndex, "NSE_INDEX|Nifty 50", ""), "KEY_MISSING"},
        Case{"Null", With(kIndex, R"("NSE_INDEX|Nifty 50")", "null"), "KEY_MISSING"},
        Case{"Number", With(kIndex, R"("NSE_INDEX|Nifty 50")", "5"), "KEY_MALFORMED"},
        Case{"NoBar", With(kIndex, "NSE_INDEX|", "NSE_INDEX"), "KEY_MALFORMED"},
        Case{"NothingBehindBar", With(kIndex, "|Nifty 50", "|"), "KEY_MALFORMED"},
        Case{"TwoBars", With(kIndex, "|Nifty 50", "|a|b"), "KEY_MALFORMED"},
        Case{"Comma", With(kIndex, "|Nifty 50", "|a,b"), "KEY_MALFORMED"},
        Case{"LongestName", With(kIndex, "|Nifty 50", "|" + std::string(100, 'a')), ""},
        Case{"TooLongName", With(kIndex, "|Nifty 50", "|" + std::string(101, 'a')),
             "KEY_MALFORMED"},
        Case{"ControlCharacter", With(kIndex, "|Nifty 50", "|a\\u0007"), "KEY_MALFORMED"},
        Case{"BeyondAscii", With(kIndex, "|Nifty 50", "|Nift\\u00fd"), ""},
        Case{"UnknownInKey", With(kIndex, "NSE_INDEX|", "XYZ|"), "SEGMENT_UNKNOWN"},
        Case{"UnknownSegment", With(kIndex, R"("segment":"NSE_INDEX")", R"("segment":"XYZ")"),
             "SEGMENT_UNKNOWN"},
        Case{"AnotherSegment", With(kIndex, R"("segment":"NSE_INDEX")", R"("segment":"NSE_EQ")"),
             "FIELD_INVALID"}),
    CaseName{});

INSTANTIATE_TEST_SUITE_P(
    Fields, RecordTest,
    testing::Values(
        Case{"NoSegment", With(kIndex, R"("segment":"NSE_INDEX",)", ""), "FIELD_MISSING"},
        Case{"NoExchange", With(kIndex, R"("exchange":"NSE",)", ""), "FIELD_MISSING"},
        Case{"OtherExchange", With(kIndex, R"("exchange":"NSE")", R"("exchange":"BSE")"),
             "FIELD_INVALID"},
        Case{"NoSymbol", With(kIndex, R"(,"trading_symbol":"NIFTY")", ""), "FIELD_MISSING"},
        Case{"SymbolIsNumber", With(kIndex, R"("trading_symbol":"NIFTY")", R"("trading_symbol":5)"),
             "FIELD_INVALID"},
        Case{"LongestName", With(kIndex, "Nifty 50\",\"ex", std::string(200, 'n') + "\",\"ex"), ""},
        Case{"TooLongName", With(kIndex, "Nifty 50\",\"ex", std::string(201, 'n') + "\",\"ex"),
             "FIELD_INVALID"},
        Case{"NoToken", With(kIndex, R"("exchange_token":"26000",)", ""), "FIELD_MISSING"},
        Case{"IndexOfOtherType", With(kIndex, "\"INDEX\"", "\"EQ\""), "FIELD_INVALID"},
        Case{"UnknownContract", With(kCall, "\"CE\"", "\"XX\""), "FIELD_INVALID"},
        Case{"SpotOutsideCommodities", With(kCall, "\"CE\"", "\"COM\""), "FIELD_INVALID"},
        Case{"NoLot", With(kShare, R"("lot_size":1,)", ""), "FIELD_MISSING"},
        Case{"LotZero", With(kShare, "\"lot_size\":1", "\"lot_size\":0"), "FIELD_INVALID"},
        Case{"LotWholeWithPoint", With(kShare, "\"lot_size\":1", "\"lot_size\":75.0"), ""},
        Case{"LotBroken", With(kShare, "\"lot_size\":1", "\"lot_size\":1.5"), "FIELD_INVALID"},
        Case{"LotText", With(kShare, "\"lot_size\":1", "\"lot_size\":\"1\""), "FIELD_INVALID"},
        Case{"LotLargest", With(kShare, "\"lot_size\":1", "\"lot_size\":1000000000"), ""},
        Case{"LotTooLarge", With(kShare, "\"lot_size\":1", "\"lot_size\":1000000001"),
             "FIELD_INVALID"},
        Case{"FreezeZero", With(kShare, "100000.0", "0.0"), ""},
        Case{"FreezeNegative", With(kShare, "100000.0", "-1.0"), "FIELD_INVALID"},
        Case{"NoTick", With(kShare, R"("tick_size":10.0,)", ""), "FIELD_MISSING"},
        Case{"TickZero", With(kShare, "10.0", "0.0"), "FIELD_INVALID"},
        Case{"TickNaNText", With(kShare, "10.0", "\"NaN\""), "FIELD_INVALID"},
        Case{"TickObject", With(kShare, "10.0", "{}"), "FIELD_INVALID"},
        Case{"TickFinest", With(kShare, "10.0", "0.0000001"), ""},
        Case{"TickTooFine", With(kShare, "10.0", "0.00000001"), "FIELD_INVALID"},
        Case{"TickHuge", With(kShare, "10.0", "1e30"), "FIELD_INVALID"},
        Case{"MultiplierZero", With(kShare, "\"qty_multiplier\":1.0", "\"qty_multiplier\":0"),
             "FIELD_INVALID"},
        Case{"NoExpiry", With(kCall, R"("expiry":1788287399000,)", ""), "FIELD_MISSING"},
        Case{"ExpiryInSeconds", With(kCall, "1788287399000", "1788287399"), "FIELD_INVALID"},
        Case{"ExpiryFraction", With(kCall, "1788287399000", "1788287399000.5"), "FIELD_INVALID"},
        Case{"ExpiryText", With(kCall, "1788287399000", "\"2026-09-01\""), "FIELD_INVALID"},
        Case{"ShareThatExpires",
             With(kShare, "\"lot_size\"", "\"expiry\":1788287399000,\"lot_size\""),
             "FIELD_INVALID"},
        Case{"NoStrike", With(kCall, R"("strike_price":22200.5,)", ""), "FIELD_MISSING"},
        Case{"StrikeZero", With(kCall, "22200.5", "0.0"), "FIELD_INVALID"},
        Case{"StrikeOfAFuture", With(kCall, "\"CE\"", "\"FUT\""), "FIELD_INVALID"},
        Case{"WeeklyText", With(kCall, "true", "\"true\""), "FIELD_INVALID"}),
    CaseName{});

TEST(ReadInstrumentTest, ReadsAnOptionWithItsTickInRupees) {
  const auto call = Read(kCall);
  ASSERT_TRUE(call) << call.error().message;
  EXPECT_EQ(call->key, "NSE_FO|46913");
  EXPECT_EQ(kSegments[call->segment].name, "NSE_FO");
  EXPECT_EQ(call->kind, Kind::kOption);
  EXPECT_EQ(call->lot_size, 65);
  EXPECT_EQ(call->freeze_quantity, 1755);
  EXPECT_EQ(call->tick_size.ToString(), "0.05");
  EXPECT_EQ(call->strike.ToString(), "22200.5");
  EXPECT_EQ(call->expiry_ms, 1'788'287'399'000);
  EXPECT_EQ(call->underlying_key, "NSE_INDEX|Nifty 50");
  EXPECT_TRUE(call->weekly);
}

TEST(ReadInstrumentTest, KeepsATickOfAQuarterPaisa) {
  const auto currency = Read(With(kCurrency, "\"tick_size\":5.0", "\"tick_size\":0.25"));
  ASSERT_TRUE(currency) << currency.error().message;
  EXPECT_EQ(currency->tick_size.ToString(), "0.0025");
}

TEST(ReadInstrumentTest, UnescapesTexts) {
  const auto index = Read(With(kIndex, "\"NIFTY\"", R"("M\u0026M \"x\"")"));
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(index->symbol, "M&M \"x\"");
}

TEST(DigestTest, ChangesWithEveryField) {
  const Instrument call = *Read(kCall);
  Instrument other = call;
  other.lot_size = 75;
  EXPECT_NE(Digest(call), Digest(other));
  other = call;
  other.simulated = true;
  EXPECT_NE(Digest(call), Digest(other));
  other = call;
  std::swap(other.underlying_key, other.underlying_symbol);
  EXPECT_NE(Digest(call), Digest(other));
}

TEST(IdentityTest, SeriesOfASharesIsNotPartOfItButAContractsTypeIs) {
  EXPECT_EQ(IdentityHash(*Read(kShare)), IdentityHash(*Read(With(kShare, "\"EQ\"", "\"BE\""))));
  EXPECT_NE(IdentityHash(*Read(kCall)), IdentityHash(*Read(With(kCall, "\"CE\"", "\"PE\""))));
  EXPECT_NE(IdentityHash(*Read(kCall)), IdentityHash(*Read(With(kCall, "22200.5", "22200"))));
}

Result<Instrument> ReadRow(const std::vector<std::string>& row) {
  CsvRecord csv;
  RawRecord raw;
  Instrument instrument;
  if (auto parsed = csv.Read(row, raw); !parsed) return parsed.error();
  const auto read = ReadInstrument(raw, TickUnit::kRupeesForEquities, instrument);
  if (!read) return read.error();
  return instrument;
}

TEST(CsvRecordTest, ReadsOptionsSharesAndIndices) {
  const auto put =
      ReadRow({"NSE_FO|94264", "94264", "EXIDEIND25AUG400PE", "EXIDE INDUSTRIES LTD", "23.95",
               "2025-08-28", "400.0", "0.05", "1800", "OPTSTK", "PE", "NSE_FO"});
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(put->expiry_ms, 1'756'405'799'000) << "2025-08-28T18:29:59Z";
  EXPECT_EQ(put->tick_size.ToString(), "0.05");
  EXPECT_EQ(put->kind, Kind::kOption);
  const auto currency = ReadRow({"NCD_FO|1", "1", "USDINR25AUGFUT", "USDINR", "0", "2025-08-29", "",
                                 "0.25", "1", "FUTCUR", "FF", "NCD_FO"});
  ASSERT_TRUE(currency) << currency.error().message;
  EXPECT_EQ(currency->tick_size.ToString(), "0.0025");
  EXPECT_EQ(currency->type, "FUT");
  const auto share = ReadRow({"BSE_EQ|INE449A01011", "505010", "AUTOAXLES", "AUTOMOTIVE AXLES LTD.",
                              "1637.55", "", "", "0.05", "1", "EQUITY", "", "BSE_EQ"});
  ASSERT_TRUE(share) << share.error().message;
  EXPECT_EQ(share->isin, "INE449A01011");
  EXPECT_EQ(share->exchange, "BSE");
  const auto index = ReadRow({"NSE_INDEX|Nifty 50", "26000", "NIFTY", "Nifty 50", "0", "", "", "",
                              "", "INDEX", "INDEX", "NSE_INDEX"});
  ASSERT_TRUE(index) << index.error().message;
}

TEST(CsvRecordTest, RefusesWrongRows) {
  EXPECT_EQ(ReadRow({"a", "b"}).error().reason, "RECORD_MALFORMED");
  EXPECT_EQ(ReadRow({"NSE_FO|1", "1", "S", "N", "0", "2025-02-30", "400", "0.05", "1", "OPTSTK",
                     "PE", "NSE_FO"})
                .error()
                .reason,
            "FIELD_INVALID");
}

}  // namespace
}  // namespace sauda::instruments
