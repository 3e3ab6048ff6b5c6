"""Request bodies: JSON read strictly, then pydantic models that say which field is wrong."""

import asyncio
import re
import unicodedata
from typing import Annotated, Any

from litestar import Request
from litestar.exceptions import InternalServerException
from pydantic import AfterValidator, BaseModel, ConfigDict

from entrypoints.http.contact import known_locale, one_address
from entrypoints.http.problems import TOO_SLOW, Problem
from entrypoints.http.strict_json import object_of

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)

LONGEST_BODY = 30.0
"""Seconds that a body may take, from its head to its last byte."""


class StrictRequest(Request[Any, Any, Any]):
    """A request whose body is JSON or nothing; an empty body reads as `{}`."""

    async def body(self) -> bytes:
        """Give the body once its content type was looked at."""
        try:
            async with asyncio.timeout(LONGEST_BODY):
                body = await super().body()
        except TimeoutError as error:
            raise Problem(TOO_SLOW, "body_too_slow", f"The body was not there within {LONGEST_BODY:g} s.") from error
        except InternalServerException as error:  # what the framework makes of a client that goes away
            words = "The body ended before it was whole, or its chunks are not those of HTTP; send it again."
            raise Problem(400, "body_incomplete", words) from error
        if body:
            kind, options = self.content_type
            if kind != "application/json" or options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
                raise Problem(415, "not_json", "Send the body as application/json in UTF-8.")
        return body or b"{}"

    async def json(self) -> Any:  # noqa: ANN401 - whatever the body holds
        """Read the body strictly."""
        return object_of(await self.body())


def _nfc(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not hold a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not hold half a surrogate pair")
    return unicodedata.normalize("NFC", text)


def uuid_text(text: str) -> str:
    """Fold a UUID's text to lower case.

    Raises:
        ValueError: it is not 8-4-4-4-12 hexadecimal digits.
    """
    if not UUID.fullmatch(text):
        raise ValueError("must be a UUID such as 0190a5b2-6c1e-7d2f-8a3b-4c5d6e7f8091")
    return text.lower()


Text = Annotated[str, AfterValidator(_nfc)]
Id = Annotated[str, AfterValidator(uuid_text)]


class _Body(BaseModel):
    """Strict: no unknown field, no text for a number, no 2.0 for an integer."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class NewProduct(_Body):
    """Of POST /products; `price` in yen, `stock` in units."""

    name: Text
    description: Text = ""
    price: int
    stock: int = 0


class ProductChange(_Body):
    """Of PUT /products/{id}; `price` in yen."""

    name: Text
    description: Text = ""
    price: int


class NewImage(_Body):
    """Of PUT /products/{id}/image."""

    image_url: Text


class MoreStock(_Body):
    """Of POST /products/{id}/stock; in units."""

    quantity: int


class CartItem(_Body):
    """Of POST /cart/items; `quantity` in units."""

    product_id: Id
    quantity: int


class Placement(_Body):
    """Of POST /orders; where and in which language a guest wants to hear of the order."""

    email: Annotated[Text, AfterValidator(one_address)] = ""
    locale: Annotated[str, AfterValidator(known_locale)] = ""


class Cancellation(_Body):
    """Of POST /orders/{id}/cancel."""

    reason: Text = ""


class Nothing(_Body):
    """Of a write that takes no fields."""
