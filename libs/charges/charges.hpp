#pragma once

#include <cstdint>
#include <span>

#include "libs/base/amount.hpp"
#include "libs/base/result.hpp"
#include "libs/charges/types.hpp"

namespace sauda::charges {

/// What trades cost at Upstox, in rupees, on its standard plan. Fields are named as in the broker's
/// `charges_breakdown` (docs: Get Profit and Loss Charges); its `others` has no counterpart.
///
/// Each amount is rounded once, to the whole paisa, halves away from zero. A contract note goes
/// further: it adds up STT and stamp duty over the day and rounds those sums to whole rupees (STT
/// by the STT Rules 2004, half a rupee up; Upstox prints it as `STT-RND`). That is not done here,
/// since one order does not know the day: a note may differ by half a rupee for each of the two.
/// The documented answer of the broker's calculator has whole rupees of STT for one order already.
struct Charges {
  Amount brokerage;
  Amount stt;  ///< of commodities CTT
  Amount stamp_duty;
  Amount transaction;        ///< the exchange's
  Amount clearing;           ///< always 0, as in the calculator's documented answer
  Amount ipft;               ///< NSE's Investor Protection Fund Trust
  Amount sebi_turnover;      ///< the regulator's
  Amount demat_transaction;  ///< by DematCharges only
  Amount gst;

  /// The sum of all of the above, exactly.
  Amount Total() const;

  Charges& operator+=(const Charges& other);
  friend bool operator==(const Charges&, const Charges&) = default;
};

/// What one order costs with all its fills: brokerage is for the executed order, however many fills
/// it has; the rest goes by turnover, which for options is the premium. Without the depository's
/// charge (DematCharges). Fails with kInvalidArgument / CHARGES_INVALID (no fill, a price or
/// quantity not above 0, over 10^12 rupees, no such side), or kNotFound / CHARGES_UNKNOWN: the
/// schedule (tables.hpp) has nothing for that day, exchange, kind or group.
Result<Charges> OrderCharges(const ChargedOrder& order, std::span<const Fill> fills);

/// The same for an order that fills at one price, as the broker's brokerage calculator takes it.
Result<Charges> LineCharges(const ChargedOrder& order, const Fill& fill);

/// What the depository and Upstox take, with its GST, when so many different scrips leave the demat
/// account on a day by delivery sells, however many orders sold each. Fails with kInvalidArgument /
/// CHARGES_INVALID (scrips below 0 or over 10^6), kNotFound / CHARGES_UNKNOWN.
Result<Charges> DematCharges(Day day, std::int64_t scrips);

/// STT that the holder of an index option pays when it is exercised at expiry, on its intrinsic
/// value, that of one unit as the price. The STT alone: what else an exercise costs is not known
/// here. Stock options end in shares and pay as deliveries do: CHARGES_UNKNOWN. Fails like
/// OrderCharges.
Result<Charges> ExerciseCharges(Kind kind, Day day, const Fill& intrinsic);

}  // namespace sauda::charges
