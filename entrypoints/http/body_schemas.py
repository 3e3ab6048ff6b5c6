"""What the OpenAPI document says of request bodies: the domain checks their bounds, so they stand here to be read only."""

from typing import Any

from litestar.openapi.spec import Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.plugins.pydantic import PydanticSchemaPlugin
from litestar.typing import FieldDefinition
from pydantic import BaseModel

from core.domain.cart import MOST_UNITS
from core.domain.inventory import MOST_STOCK
from core.domain.product import HIGHEST_PRICE
from entrypoints.http import bodies
from entrypoints.http.contact import LOCALES, LONGEST_EMAIL

Bounds = dict[str, Any]
NAME: Bounds = {"min_length": 1, "max_length": 200}
DESCRIPTION: Bounds = {"max_length": 5_000}
IMAGE_URL = r"""^(https?://|/(?!/))[^\s"<>\\`]*$"""
PRICE: Bounds = {"minimum": 1, "maximum": HIGHEST_PRICE}

BOUNDS: dict[type[BaseModel], dict[str, Bounds]] = {
    bodies.NewProduct: {
        "name": NAME,
        "description": DESCRIPTION,
        "price": PRICE,
        "stock": {"minimum": 0, "maximum": MOST_STOCK},
    },
    bodies.ProductChange: {"name": NAME, "description": DESCRIPTION, "price": PRICE},
    bodies.NewImage: {"image_url": {"min_length": 1, "max_length": 2_000, "pattern": IMAGE_URL}},
    bodies.MoreStock: {"quantity": {"minimum": 1, "maximum": MOST_STOCK}},
    bodies.CartItem: {"product_id": {"format": "uuid"}, "quantity": {"minimum": 1, "maximum": MOST_UNITS}},
    bodies.Placement: {
        "email": {"max_length": LONGEST_EMAIL, "format": "email"},
        "locale": {"enum": list(LOCALES)},
    },
    bodies.Cancellation: {"reason": {"max_length": 500}},
    bodies.Nothing: {},
}
"""Of each field, in the words of JSON Schema."""


class BodySchemas(OpenAPISchemaPlugin):
    """Describes the bodies with their bounds, and says that no other field is taken."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:  # noqa: ANN401 - Litestar's own signature
        """Take the request bodies."""
        return value in BOUNDS if isinstance(value, type) else False

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:  # noqa: ANN401 - a private class
        """Add to what pydantic's own plugin says."""
        schema = PydanticSchemaPlugin.for_pydantic_model(field_definition, schema_creator)
        schema.additional_properties = False
        for name, bounds in BOUNDS[field_definition.annotation].items():
            described = (schema.properties or {})[name]
            for word, value in bounds.items():
                setattr(described, word, value)
        return schema


def may_be_empty(reference: str) -> bool:
    """Tell of a reference to a body whether all its fields may be left out, so that the body may be, too."""
    model = next(model for model in BOUNDS if reference.endswith(model.__name__))
    return not any(field.is_required() for field in model.model_fields.values())
