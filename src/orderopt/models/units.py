"""Units of measure: codes of UN/ECE Recommendation 20, the words people use for them, and exact conversions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from orderopt.models.item import UnitConversion
from orderopt.models.measure import PLACES

_DIMENSIONS: dict[str, dict[str, Fraction]] = {
    "count": {
        "H87": Fraction(1),
        "C62": Fraction(1),
        "EA": Fraction(1),
        "PR": Fraction(2),
        "DZN": Fraction(12),
        "GRO": Fraction(144),
        "CEN": Fraction(100),
        "MIL": Fraction(1000),
    },
    "mass": {
        "MGM": Fraction(1, 1000),
        "GRM": Fraction(1),
        "KGM": Fraction(1000),
        "TNE": Fraction(1_000_000),
        "LBR": Fraction("453.59237"),
        "ONZ": Fraction("28.349523125"),
    },
    "length": {
        "MMT": Fraction(1),
        "CMT": Fraction(10),
        "MTR": Fraction(1000),
        "KMT": Fraction(1_000_000),
        "INH": Fraction("25.4"),
        "FOT": Fraction("304.8"),
        "YRD": Fraction("914.4"),
    },
    "area": {"MMK": Fraction(1), "CMK": Fraction(100), "MTK": Fraction(1_000_000)},
    "volume": {
        "MLT": Fraction(1),
        "CLT": Fraction(10),
        "DLT": Fraction(100),
        "LTR": Fraction(1000),
        "HLT": Fraction(100_000),
        "MTQ": Fraction(1_000_000),
    },
    "time": {"SEC": Fraction(1), "MIN": Fraction(60), "HUR": Fraction(3600), "DAY": Fraction(86_400)},
}
"""Size of each code in the smallest unit of its dimension; the inch is 25.4 mm, the pound 453.59237 g."""

_WORDS = {
    "H87": "pc pcs pce piece pieces stk 個 件 只 pza",
    "C62": "one unit units",
    "EA": "each ea",
    "PR": "pair pairs 雙 對",
    "DZN": "dozen doz dz 打",
    "GRO": "gross",
    "MGM": "mg",
    "GRM": "g gram grams 克 公克",
    "KGM": "kg kgs kilogram kilograms 公斤",
    "TNE": "t ton tonne tonnes 公噸",
    "LBR": "lb lbs pound pounds 磅",
    "ONZ": "oz ounce ounces 盎司",
    "MMT": "mm 毫米",
    "CMT": "cm 公分",
    "MTR": "m metre metres meter meters 公尺",
    "KMT": "km 公里",
    "INH": "in inch inches 吋",
    "FOT": "ft foot feet 呎",
    "YRD": "yd yard yards 碼",
    "MTK": "m2 m² sqm",
    "CMK": "cm2 cm²",
    "MLT": "ml 毫升",
    "CLT": "cl",
    "LTR": "l ltr litre litres liter liters 公升",
    "HLT": "hl",
    "MTQ": "m3 m³ cbm",
    "SEC": "s sec",
    "MIN": "min",
    "HUR": "h hr hour hours 小時",
    "DAY": "d day days 天",
    "CT": "carton cartons ctn 箱",
    "BX": "box boxes 盒",
    "PK": "pack packs pkg package packages 包",
    "PF": "pallet pallets 棧板",
    "SET": "set sets 組 套",
    "RO": "roll rolls 卷",
}
_CODE_OF_WORD = {word: code for code, words in _WORDS.items() for word in words.split()}
_DIMENSION_OF_CODE = {code: name for name, codes in _DIMENSIONS.items() for code in codes}


def find_code(unit: str) -> str:
    """Return the code of a unit, or the unit itself where no code is known.

    Examples
    --------
    >>> find_code("kg"), find_code("KGM"), find_code("crate")
    ('KGM', 'KGM', 'crate')
    """
    if unit in _DIMENSION_OF_CODE or unit in _WORDS:
        return unit
    return _CODE_OF_WORD.get(unit.strip().casefold(), unit)


def find_ratio(unit: str, other: str) -> Fraction | None:
    """Return how many of `other` one `unit` is, by what the units are; None if they measure different things.

    Examples
    --------
    >>> find_ratio("DZN", "pcs"), find_ratio("lb", "kg"), find_ratio("kg", "m")
    (Fraction(12, 1), Fraction(45359237, 100000000), None)
    """
    code, other_code = find_code(unit), find_code(other)
    if code == other_code:
        return Fraction(1)
    dimension = _DIMENSION_OF_CODE.get(code)
    if dimension is None or dimension != _DIMENSION_OF_CODE.get(other_code):
        return None
    return _DIMENSIONS[dimension][code] / _DIMENSIONS[dimension][other_code]


def find_factor(unit: str | None, base: str | None, conversions: Iterable[UnitConversion]) -> Fraction | None:
    """Return how many of an item's unit one written unit is; None if nothing says so.

    Parameters
    ----------
    unit
        The unit as written; None: the item's.
    base
        The item's unit; None: it has no name.
    conversions
        The item's own conversions, which come before what units are in general.
    """
    if unit is None or unit == base:
        return Fraction(1)
    rows = list(conversions)
    for row in rows:
        if row.unit == unit:
            return row.ratio
    for row in rows:
        if find_code(row.unit) == find_code(unit):
            return row.ratio
    if base is not None:
        general = find_ratio(unit, base)
        if general is not None:
            return general
    for row in rows:
        step = find_ratio(unit, row.unit)
        if step is not None:
            return step * row.ratio
    return None


def to_exact(number: Fraction) -> Decimal | None:
    """Return a number as a decimal with at most six places, or None if it has more.

    Examples
    --------
    >>> to_exact(Fraction(1, 8)), to_exact(Fraction(1, 3))
    (Decimal('0.125'), None)
    """
    scaled = number * 10**PLACES
    if scaled.denominator != 1:
        return None
    whole, part = divmod(abs(scaled.numerator), 10**PLACES)
    text = f"{whole}.{part:0{PLACES}}".rstrip("0").rstrip(".")
    return Decimal(f"-{text}" if number < 0 else text)
