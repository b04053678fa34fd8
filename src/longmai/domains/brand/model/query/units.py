"""Units of measurement that queries compare across (UN/CEFACT Recommendation 20).

>>> base("CEL", 25.0), base("FAH", 77.0)
(('K', 298.15), ('K', 298.15))
>>> base("A93", 12.1) is None
True
"""

from collections.abc import Mapping

_DIGITS = 9  # of a converted value, so that two ways to it give one number

# Unit → (base unit, factor, offset): base value = value × factor + offset.
_UNITS: Mapping[str, tuple[str, float, float]] = {
    "KEL": ("K", 1.0, 0.0),
    "CEL": ("K", 1.0, 273.15),
    "FAH": ("K", 5 / 9, 459.67 * 5 / 9),
    "KGM": ("kg", 1.0, 0.0),
    "GRM": ("kg", 1e-3, 0.0),
    "MGM": ("kg", 1e-6, 0.0),
    "TNE": ("kg", 1e3, 0.0),
    "LBR": ("kg", 0.45359237, 0.0),
    "MTR": ("m", 1.0, 0.0),
    "CMT": ("m", 1e-2, 0.0),
    "MMT": ("m", 1e-3, 0.0),
    "KMT": ("m", 1e3, 0.0),
    "MTK": ("m2", 1.0, 0.0),
    "HAR": ("m2", 1e4, 0.0),
    "MTQ": ("m3", 1.0, 0.0),
    "LTR": ("m3", 1e-3, 0.0),
    "MLT": ("m3", 1e-6, 0.0),
    "PAL": ("Pa", 1.0, 0.0),
    "HPA": ("Pa", 1e2, 0.0),
    "KPA": ("Pa", 1e3, 0.0),
    "BAR": ("Pa", 1e5, 0.0),
    "SEC": ("s", 1.0, 0.0),
    "MIN": ("s", 60.0, 0.0),
    "HUR": ("s", 3600.0, 0.0),
    "DAY": ("s", 86400.0, 0.0),
    "MTS": ("m/s", 1.0, 0.0),
    "KMH": ("m/s", 1 / 3.6, 0.0),
    "P1": ("1", 1e-2, 0.0),
    "C62": ("1", 1.0, 0.0),
    "59": ("1", 1e-6, 0.0),
}


def base(uom: str, value: float) -> tuple[str, float] | None:
    """Return the base unit of a unit and a value in it; None for a unit we do not convert."""
    known = _UNITS.get(uom)
    if known is None:
        return None
    unit, factor, offset = known
    return unit, float(f"{value * factor + offset:.{_DIGITS}g}")


def measure(field: str, uom: str, value: float) -> tuple[str, float]:
    """Return the name under which a measured value is kept, and its number.

    >>> measure("value", "CEL", 25.0), measure("value", "A93", 12.1)
    (('value K', 298.15), ('value_A93', 12.1))
    """
    converted = base(uom, value)
    if converted is None:
        return f"{field}_{uom}", value
    return f"{field} {converted[0]}", converted[1]
