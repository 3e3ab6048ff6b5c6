"""The stores of a real run of the comparison as they are, read without the shop's adapters."""

import json
from collections.abc import Iterator
from typing import Any

from config.settings import Settings


class Raw:
    """The stores as they are, read without the shop's adapters. Where one is away, OSError."""

    def __init__(self, settings: Settings) -> None:
        """Read what the settings name."""
        self._settings = settings

    def events(self) -> list[dict[str, Any]]:
        """Give every event, read consistently: stream, version, id, type, data."""
        if self._settings.store == "dynamodb":
            return list(self._items())
        columns = "SELECT stream, version, id, type, data FROM shop_events.events ORDER BY stream, version"
        names = ("stream", "version", "id", "type")
        return [dict(zip(names, row[:4], strict=True)) | {"data": json.loads(row[4])} for row in self._asked(columns)]

    def _items(self) -> Iterator[dict[str, Any]]:
        from botocore.exceptions import BotoCoreError, ClientError

        from config.aws_parts import dynamodb_of

        request: dict[str, Any] = {"TableName": self._settings.dynamodb_table_name, "ConsistentRead": True}
        client = dynamodb_of(self._settings)
        try:
            while True:
                page = client.scan(**request)
                for item in page["Items"]:
                    yield {
                        "stream": item["aggregate_id"]["S"],
                        "version": int(item["version"]["N"]),
                        "id": item["id"]["S"],
                        "type": item["event_type"]["S"],
                        "data": json.loads(item["data"]["S"]),
                    }
                if "LastEvaluatedKey" not in page:
                    return
                request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        except (BotoCoreError, ClientError) as error:
            raise OSError(f"DynamoDB does not answer: {error}") from error

    def rows(self) -> dict[str, dict[str, Any]]:
        """Give every row that people read, by stream."""
        rows: dict[str, dict[str, Any]] = {}
        for table in ("read_products", "read_inventory", "read_orders", "read_carts"):
            for (row,) in self._asked(f"SELECT row_to_json(shown) FROM public.{table} AS shown"):  # noqa: S608 - one of ours
                if table == "read_carts":
                    row["lines"] = {line["product_id"]: line for line in row["items"]}
                rows[row["stream"]] = row
        return rows

    def _asked(self, statement: str) -> list[Any]:
        import psycopg

        url = self._settings.database_url
        if url is None:
            raise OSError("there is no DATABASE_URL")
        try:
            with psycopg.connect(url.get_secret_value(), connect_timeout=2, autocommit=True) as connection:
                return connection.execute(statement.encode()).fetchall()
        except psycopg.Error as error:
            raise OSError(f"PostgreSQL does not answer: {error}") from error
