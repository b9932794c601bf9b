"""Words that generated plants, customers and items are named with."""

from __future__ import annotations

SITES = (
    "KIEL", "ULM", "LYON", "BRNO", "PORTO", "GHENT", "TURIN", "LINZ", "ESSEN", "NANTES", "GDANSK", "MALMO", "SUZHOU",
    "WUXI", "PILSEN", "VIGO", "BERGEN", "CORK", "GRAZ", "BASEL",
)  # fmt: skip
REGIONS = (
    "HAMBURG", "PARIS", "SHANGHAI", "MADRID", "VIENNA", "WARSAW", "MILAN", "OSLO", "DUBLIN", "PRAGUE", "LISBON",
    "ZURICH", "ROTTERDAM", "BEIJING", "SHENZHEN", "CHENGDU",
)  # fmt: skip
OVERSEAS = frozenset({"SHANGHAI", "BEIJING", "SHENZHEN", "CHENGDU"})
"""Regions that are reached by air alone."""

CUSTOMER_PLACES = (
    "Nordlicht", "Rheintal", "Aubier", "Morava", "Douro", "Scheldt", "Piemonte", "Danube", "Ruhr", "Loire", "Baltic",
    "Øresund", "Bohemia", "Galicia", "Fjord", "Munster", "Steiermark", "Jura",
)  # fmt: skip
CUSTOMER_TRADES = ("Maschinenbau GmbH", "Pumps Ltd", "Hydraulique SA", "Impianti Srl", "Motion AB", "Agro sp. z o.o.")
CHINESE_PLACES = ("上海", "苏州", "无锡", "深圳", "成都", "青岛", "宁波", "大连")
CHINESE_TRADES = ("精密机械有限公司", "液压设备有限公司", "自动化科技有限公司", "泵业股份有限公司")
FINISHED = ("Gear pump", "液压泵", "Valve block", "Compressor", "电动执行器", "Hoist", "Mixer", "Conveyor drive")
PARTS = ("Housing", "Shaft", "Rotor", "Flange", "Cover", "齿轮", "Bracket", "Manifold")
MATERIALS = (
    ("Steel bar", "kg"), ("Aluminium plate", "kg"), ("Casting", "pcs"), ("Seal kit", "pcs"), ("Powder paint", "kg"),
    ("Bearing", "pcs"), ("电机", "pcs"), ("Screw set", "pcs"), ("Brass rod", "kg"), ("Control board", "pcs"),
)  # fmt: skip
SUPPLIERS = (
    "Stahlkontor", "Alu Rhône", "Giesserei Ost", "Sealtech", "Farbwerk", "宁波轴承", "Motoren Maas", "Norm & Co",
)  # fmt: skip
COLOURS = ("white", "yellow", "red", "blue", "green", "black")
ALLOYS = ("aluminium", "steel", "brass")


def build_name(words: tuple[str, ...], index: int) -> str:
    """Return the word at `index`; beyond the list the words come again with a number."""
    again, position = divmod(index, len(words))
    return words[position] if again == 0 else f"{words[position]} {again + 1}"


def build_id(words: tuple[str, ...], index: int) -> str:
    """Return an id without blanks from the word at `index`."""
    return build_name(words, index).replace(" ", "-")


def build_customer_name(index: int) -> str:
    """Return the name of customer `index`; every fourth is a Chinese firm."""
    if index % 4 == 1:
        return build_name(CHINESE_PLACES, index // 4) + CHINESE_TRADES[index // 4 % len(CHINESE_TRADES)]
    return f"{build_name(CUSTOMER_PLACES, index)} {CUSTOMER_TRADES[index % len(CUSTOMER_TRADES)]}"
