-- What lists of instruments are read by.

-- A kind in the order of a list: the place of the segment as in core/segment.hpp, then the nearest
-- expiry. The rest of the order is sorted within one expiry, which a page seldom leaves.
CREATE INDEX instruments_list ON instruments.instruments (
  kind,
  array_position(ARRAY['NSE_EQ', 'BSE_EQ', 'NSE_INDEX', 'BSE_INDEX', 'NSE_FO', 'BSE_FO', 'NCD_FO',
                       'BCD_FO', 'MCX_FO', 'NSE_COM', 'MCX_COM', 'MCX_INDEX', 'GLOBAL_INDEX',
                       'GLOBAL_INDICATOR'], segment),
  expiry_ms
) WHERE is_active;

-- The contracts of an underlying, and what contracts are written on.
CREATE INDEX instruments_underlying ON instruments.instruments (underlying_key, expiry_ms)
  WHERE is_active AND expiry_ms > 0;
