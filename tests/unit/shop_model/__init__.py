"""An independent model of the shop: what every command must answer, in plain dictionaries.

Written from `docs/api.md` alone. It imports nothing of the shop; an import rule holds it to that.
"""

from tests.unit.shop_model.rules import ShopModel
from tests.unit.shop_model.words import CODES, Command, Json, Once

__all__ = ["CODES", "Command", "Json", "Once", "ShopModel"]
