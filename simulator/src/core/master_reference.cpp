#include "simulator/src/core/master_reference.hpp"

#include <array>
#include <cmath>

#include "libs/base/check.hpp"

namespace sauda::sim {
namespace {

constexpr std::array kCompanies = std::to_array<Company>({
    {"RELIANCE", "RELIANCE INDUSTRIES LTD", "INE002A01018", "2885", "500325", 1500, 10, 500, 30},
    {"INFY", "INFOSYS LIMITED", "INE009A01021", "1594", "500209", 1500, 10, 400, 40},
    {"TCS", "TATA CONSULTANCY SERV LT", "INE467B01029", "11536", "532540", 3080, 10, 175, 40},
    {"HDFCBANK", "HDFC BANK LTD", "INE040A01034", "1333", "500180", 995, 5, 550, 50},
    {"ICICIBANK", "ICICI BANK LTD.", "INE090A01021", "4963", "532174", 1360, 10, 700, 30},
    {"SBIN", "STATE BANK OF INDIA", "INE062A01020", "3045", "500112", 950, 5, 750, 40},
    {"AXISBANK", "AXIS BANK LIMITED", "INE238A01034", "5900", "532215", 1240, 10, 625, 30},
    {"KOTAKBANK", "KOTAK MAHINDRA BANK LTD", "INE237A01028", "1922", "500247", 2140, 10, 400, 30},
    {"ITC", "ITC LTD", "INE154A01025", "1660", "500875", 412.5, 5, 1600, 40},
    {"LT", "LARSEN & TOUBRO LTD.", "INE018A01030", "11483", "500510", 3940, 10, 175, 40},
    {"BHARTIARTL", "BHARTI AIRTEL LIMITED", "INE397D01024", "10604", "532454", 2080, 10, 475, 30},
    {"HINDUNILVR", "HINDUSTAN UNILEVER LTD.", "INE030A01027", "1394", "500696", 2460, 10, 300, 30},
    {"MARUTI", "MARUTI SUZUKI INDIA LTD.", "INE585B01010", "10999", "532500", 15800, 100, 50, 30},
    {"TATASTEEL", "TATA STEEL LIMITED", "INE081A01020", "3499", "500470", 177.5, 1, 5500, 30},
    {"SUNPHARMA", "SUN PHARMACEUTICAL IND L", "INE044A01036", "3351", "524715", 1740, 10, 350, 40},
    {"BAJFINANCE", "BAJAJ FINANCE LIMITED", "INE296A01032", "317", "500034", 1040, 10, 750, 30},
    {"ASIANPAINT", "ASIAN PAINTS LIMITED", "INE021A01026", "236", "500820", 2720, 10, 250, 40},
    {"TITAN", "TITAN COMPANY LIMITED", "INE280A01028", "3506", "500114", 3820, 10, 175, 40},
    {"WIPRO", "WIPRO LTD", "INE075A01022", "3787", "507685", 242.5, 1, 3000, 30},
    {"HCLTECH", "HCL TECHNOLOGIES LTD", "INE860A01027", "7229", "532281", 1600, 10, 350, 50},
    {"TECHM", "TECH MAHINDRA LIMITED", "INE669C01036", "13538", "532755", 1440, 10, 600, 30},
    {"ULTRACEMCO", "ULTRATECH CEMENT LIMITED", "INE481G01011", "11532", "532538", 11900, 100, 50,
     40},
    {"NTPC", "NTPC LTD", "INE733E01010", "11630", "532555", 337.5, 5, 1500, 50},
    {"POWERGRID", "POWER GRID CORP. LTD.", "INE752E01010", "14977", "532898", 280, 5, 1900, 40},
    {"ONGC", "OIL AND NATURAL GAS CORP.", "INE213A01029", "2475", "500312", 249, 5, 2250, 40},
    {"COALINDIA", "COAL INDIA LTD", "INE522F01014", "20374", "533278", 379.75, 5, 1350, 50},
    {"JSWSTEEL", "JSW STEEL LIMITED", "INE019A01038", "11723", "500228", 1180, 10, 675, 30},
    {"HINDALCO", "HINDALCO INDUSTRIES LTD", "INE038A01020", "1363", "500440", 810, 5, 700, 40},
    {"ADANIENT", "ADANI ENTERPRISES LIMITED", "INE423A01024", "25", "512599", 2420, 10, 309, 30},
    {"ADANIPORTS", "ADANI PORT & SEZ LTD", "INE742F01042", "15083", "532921", 1480, 10, 475, 40},
    {"DRREDDY", "DR. REDDY S LABORATORIES", "INE089A01031", "881", "500124", 1220, 10, 625, 30},
    {"CIPLA", "CIPLA LTD", "INE059A01026", "694", "500087", 1560, 10, 375, 40},
    {"GRASIM", "GRASIM INDUSTRIES LTD", "INE047A01021", "1232", "500300", 2800, 10, 250, 30},
    {"NESTLEIND", "NESTLE INDIA LIMITED", "INE239A01024", "17963", "500790", 1280, 10, 500, 40},
    {"BRITANNIA", "BRITANNIA INDUSTRIES LTD", "INE216A01030", "547", "500825", 5950, 50, 125, 30},
    {"EICHERMOT", "EICHER MOTORS LTD", "INE066A01021", "910", "505200", 6900, 50, 175, 22},
    {"HEROMOTOCO", "HERO MOTOCORP LIMITED", "INE158A01026", "1348", "500182", 5600, 50, 150, 30},
    {"MAXHEALTH", "MAX HEALTHCARE INS LTD", "INE027H01010", "22377", "543220", 1160, 10, 525, 40},
});

constexpr std::array kNseIndices = std::to_array<Index>({
    {"Nifty 50", "26000", "NIFTY", 25950},
    {"Nifty Bank", "26009", "BANKNIFTY", 59400},
    {"Nifty Fin Service", "26037", "FINNIFTY", 27600},
    {"NIFTY MID SELECT", "26074", "MIDCPNIFTY", 13900},
    {"Nifty Next 50", "26013", "NIFTYNXT50", 69500},
    {"India VIX", "26017", "INDIA VIX", 12.5},
    {"Nifty IT", "26008", "NIFTY IT", 37500},
    {"Nifty Realty", "26018", "NIFTY REALTY", 910},
    {"Nifty Infra", "26019", "NIFTY INFRA", 9500},
    {"Nifty MNC", "26022", "NIFTY MNC", 30800},
    {"Nifty Pharma", "26023", "NIFTY PHARMA", 22800},
    {"Nifty PSE", "26024", "NIFTY PSE", 9900},
    {"Nifty PSU Bank", "26025", "NIFTY PSU BANK", 8400},
    {"Nifty Auto", "26029", "NIFTY AUTO", 27700},
    {"Nifty Media", "26031", "NIFTY MEDIA", 1450},
    {"Nifty Commodities", "26035", "NIFTY COMMODITIES", 9250},
    {"Nifty Consumption", "26036", "NIFTY CONSUMPTION", 12300},
    {"Nifty CPSE", "26041", "NIFTY CPSE", 6500},
    {"Nifty50 Value 20", "26045", "NIFTY50 VALUE 20", 14100},
    {"Nifty Pvt Bank", "26047", "NIFTY PVT BANK", 28500},
    {"Nifty Midcap 50", "26014", "NIFTY MIDCAP 50", 17300},
    {"NIFTY100 Qualty30", "26048", "NIFTY100 QUALTY30", 5900},
    {"NIFTY LARGEMID250", "26073", "NIFTY LARGEMID250", 16700},
    {"NIFTY TOTAL MKT", "26075", "NIFTY TOTAL MKT", 13100},
    {"NIFTY MICROCAP250", "26076", "NIFTY MICROCAP250", 23600},
    {"NIFTY INDIA MFG", "26080", "NIFTY INDIA MFG", 14900},
    {"NIFTY OIL AND GAS", "26071", "NIFTY OIL AND GAS", 12000},
    {"NIFTY CONSR DURBL", "26070", "NIFTY CONSR DURBL", 37800},
    {"Nifty Ind Defence", "26092", "NIFTY IND DEFENCE", 7900},
    {"Nifty FPI 150", "26139", "NIFTY FPI 150", 2300},
});

constexpr std::array kBseIndices = std::to_array<Index>({
    {"SENSEX", "1", "SENSEX", 85000},
    {"BANKEX", "12", "BANKEX", 66300},
    {"SENSEX50", "47", "SENSEX50", 27250},
    {"BSE100", "2", "BSE100", 27200},
    {"BSE200", "3", "BSE200", 11800},
    {"BSE500", "4", "BSE500", 37100},
    {"MIDCAP", "30", "MIDCAP", 46900},
    {"SMLCAP", "31", "SMLCAP", 51900},
    {"AUTO", "13", "AUTO", 62000},
    {"METAL", "14", "METAL", 34900},
    {"OILGAS", "15", "OILGAS", 28500},
    {"REALTY", "21", "REALTY", 7000},
    {"POWER", "22", "POWER", 6700},
    {"ENERGY", "39", "ENERGY", 12000},
    {"FINSER", "40", "FINSER", 13100},
    {"INDSTR", "41", "INDSTR", 15200},
    {"TELCOM", "45", "TELCOM", 3000},
    {"UTILS", "46", "UTILS", 5500},
});

constexpr std::array kCurrencyPairs = std::to_array<Underlying>({
    {"USDINR", "USDINR", 89.25, 0.25, 0.25, 0.25, 1, 10000, 1000, ""},
    {"EURINR", "EURINR", 103.5, 0.25, 0.25, 0.25, 1, 10000, 1000, ""},
    {"GBPINR", "GBPINR", 118.0, 0.25, 0.25, 0.25, 1, 10000, 1000, ""},
    {"JPYINR", "JPYINR", 57.5, 0.25, 0.25, 0.25, 1, 10000, 1000, ""},
});

constexpr std::array kMcxCommodities = std::to_array<Underlying>({
    {"GOLD", "GOLD", 123900, 100, 100, 50, 1, 100, 100, "GRMS"},
    {"GOLDM", "GOLD", 123800, 100, 100, 50, 100, 100, 10, "GRMS"},
    {"SILVER", "SILVER", 154500, 250, 100, 50, 30, 20, 30, "KGS"},
    {"SILVERM", "SILVER", 154400, 250, 100, 50, 5, 120, 5, "KGS"},
    {"CRUDEOIL", "CRUDE OIL", 5200, 50, 100, 10, 100, 100, 100, "BBL"},
    {"CRUDEOILM", "CRUDE OIL", 5200, 50, 100, 10, 10, 1000, 10, "BBL"},
    {"NATURALGAS", "NATURALGAS", 410, 5, 10, 5, 1250, 48, 1250, "mmBtu"},
    {"NATGASMINI", "NATURALGAS", 410, 5, 10, 5, 250, 240, 250, "mmBtu"},
    {"COPPER", "COPPER", 1010, 5, 5, 1, 2500, 28, 2500, "KGS"},
    {"ZINC", "ZINC", 302.5, 2.5, 5, 1, 5, 20, 5000, "KGS"},
    {"MCXBULLDEX", "MCXBULLDEX", 29500, 100, 100, 50, 30, 80, 30, "UNIT"},
    {"ALUMINIUM", "ALUMINIUM", 268, 0, 5, 5, 5, 30, 5000, "KGS"},
    {"LEAD", "LEAD", 182, 0, 5, 5, 5, 20, 5000, "KGS"},
    {"NICKEL", "NICKEL", 1310, 0, 10, 10, 250, 96, 250, "KGS"},
    {"MENTHAOIL", "MENTHAOIL", 920, 0, 10, 10, 360, 50, 360, "KGS"},
    {"SILVERMIC", "SILVER", 154500, 0, 100, 100, 1, 600, 1, "KGS"},
    {"GOLDPETAL", "GOLD", 12400, 0, 100, 100, 1, 10000, 1, "GRMS"},
});

constexpr std::array kNseCommodities = std::to_array<Underlying>({
    {"GOLD", "GOLD", 123900, 100, 100, 50, 1, 10, 100, "GMS"},
    {"GOLDM", "GOLDM", 123800, 100, 100, 50, 1, 100, 10, "GMS"},
    {"SILVER", "SILVER", 154500, 250, 100, 50, 1, 20, 30, "KG"},
    {"SILVERM", "SILVERM", 154400, 250, 100, 50, 1, 120, 5, "KG"},
    {"CRUDEOIL", "CRUDEOIL", 5200, 50, 100, 10, 1, 100, 100, "BBL"},
    {"NATURALGAS", "NATURALGAS", 410, 5, 10, 5, 1, 48, 1250, "MMBTU"},
    {"COPPER", "COPPER", 1010, 5, 5, 1, 1, 70, 2500, "KGS"},
    {"ZINC", "ZINC", 302.5, 2.5, 5, 1, 1, 20, 5000, "KGS"},
    {"SILVERMIC", "SILVERMIC", 154500, 0, 100, 100, 1, 600, 1, "KG"},
    {"BRCRUDE", "BRCRUDE", 5600, 0, 100, 100, 1, 100, 100, "BBL"},
});

constexpr std::array<std::string_view, 48> kFirst = {
    "ASHWIN",   "BHARATI", "CHETAK",  "DEVGIRI",  "EKLAVYA",  "GANGOTRI", "HIMALAYA", "INDUS",
    "JAIPUR",   "KAVERI",  "LOTUS",   "MALABAR",  "NARMADA",  "OMKAR",    "PRAGATI",  "RAJDHANI",
    "SAHYADRI", "TRIVENI", "UDAY",    "VINDHYA",  "YAMUNA",   "ARAVALLI", "BRAHMA",   "CORAL",
    "DECCAN",   "EASTERN", "FORTUNE", "GODAVARI", "HERITAGE", "ISHAAN",   "JEEVAN",   "KONARK",
    "LAKSHYA",  "MEGHNA",  "NILGIRI", "ORCHID",   "PADMA",    "RIVERA",   "SAFFRON",  "TEJAS",
    "UTSAV",    "VARUNA",  "WESTERN", "ZENITH",   "AMRIT",    "BANYAN",   "CHANDAN",  "DHRUVA"};
constexpr std::array<std::string_view, 48> kSecond = {
    "STEEL",     "CEMENT",      "TEXTILES", "PHARMA",  "FINANCE",   "INFOTECH", "AGRO",
    "CHEMICALS", "PAPER",       "POWER",    "FOODS",   "MOTORS",    "PLASTICS", "LOGISTICS",
    "HOTELS",    "REALTY",      "SUGAR",    "CABLES",  "PAINTS",    "GLASS",    "TYRES",
    "JEWELS",    "MEDIA",       "PORTS",    "CAPITAL", "BEARINGS",  "CASTINGS", "DAIRY",
    "ELECTRIC",  "FERTILISERS", "GARMENTS", "HEALTH",  "INSURANCE", "LABS",     "MINERALS",
    "NETWORKS",  "OILS",        "PIPES",    "RETAIL",  "SHIPPING",  "TELECOM",  "TUBES",
    "VALVES",    "WIND",        "YARNS",    "ALLOYS",  "BIOTECH",   "CERAMICS"};

int DigitOf(char c) { return c - '0'; }

}  // namespace

std::span<const Company> KnownCompanies() { return kCompanies; }
std::span<const Index> NseIndices() { return kNseIndices; }
std::span<const Index> BseIndices() { return kBseIndices; }
std::span<const Underlying> CurrencyPairs() { return kCurrencyPairs; }
std::span<const Underlying> McxCommodities() { return kMcxCommodities; }
std::span<const Underlying> NseCommodities() { return kNseCommodities; }

std::pair<std::string_view, std::string_view> CompanyWords(std::size_t number) {
  return {kFirst.at(number % kFirst.size()), kSecond.at(number / kFirst.size() % kSecond.size())};
}

std::uint64_t HashText(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return Mix(hash);
}

double HashedPrice(std::string_view text) {
  const double unit = static_cast<double>(HashText(text) >> 11U) * 0x1.0p-53;
  return std::round(20.0 * std::exp(unit * unit * std::log(200.0)) * 20.0) / 20.0;
}

double ShareTick(double price) {
  if (price < 250) return 1;
  if (price < 1'000) return 5;
  if (price < 5'000) return 10;
  if (price < 10'000) return 50;
  return price < 20'000 ? 100 : 500;
}

std::string WithCheckDigit(std::string_view eleven) {
  Check(eleven.size() == 11, "an ISIN has eleven characters before its check digit");
  std::string digits;
  for (const char c : eleven) {
    digits += c >= 'A' ? std::to_string(c - 'A' + 10) : std::string(1, c);
  }
  int sum = 0;
  bool twice = true;  // Luhn, from the right
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const int value = DigitOf(*digit) * (twice ? 2 : 1);
    sum += value / 10 + value % 10;
  }
  return std::string{eleven} + static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace sauda::sim
