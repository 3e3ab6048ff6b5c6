"""Shoppers in threads, who order, pay, change their minds, and ask again when they hear nothing; and a clerk who adds stock."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Self

import httpx

from tests.integration.kills.journal import CUT, Entry, Journal
from tests.support.shopping import ADMIN, Json, guest, new_product

SHOPPERS, PRODUCTS = 6, 3
THOUGHT = 0.1
"""Seconds that a shopper thinks between two commands, on average: more mails than the notifier can send would only take longer."""
PAUSE = 0.1
"""Seconds until a shopper who heard nothing, or was told to come again, asks again."""
PATIENT = 0.5
"""Share of commands that are asked again until they are answered; whether the others were done, their shoppers never hear."""


class Shoppers:
    """They shop while inside; when left, each has ended what it was at."""

    def __init__(self, address: str, journal: Journal, seed: int) -> None:
        """Have products to sell at this address."""
        self.journal = journal
        self._address = address
        self._seed = seed
        self._closing = threading.Event()
        self._threads = ThreadPoolExecutor(SHOPPERS, thread_name_prefix="shopper")
        with httpx.Client(base_url=address, timeout=60) as client:
            self._products = [new_product(client, stock=100_000)["id"] for _ in range(PRODUCTS)]

    def __enter__(self) -> Self:
        """Open the doors."""
        self._running = [self._threads.submit(self._shop, number) for number in range(SHOPPERS)]
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self._closing.set()
        self._threads.shutdown()
        for each in self._running:
            each.result()

    def _shop(self, number: int) -> None:
        random = Random(f"{self._seed}-{number}")
        with httpx.Client(base_url=self._address, timeout=60) as client:
            shopper = Shopper(client, self.journal, random, self._closing)
            while not self._closing.is_set():
                shopper.shop(self._products)


class Shopper:
    """One after another, each a guest who was never here."""

    def __init__(self, client: httpx.Client, journal: Journal, random: Random, closing: threading.Event) -> None:
        """Ask with this client."""
        self._client = client
        self._journal = journal
        self._random = random
        self._closing = closing

    def shop(self, products: list[str]) -> None:
        """Order something, and then perhaps pay or cancel it; or add stock."""
        if self._random.random() < 0.1:
            self._ask("stock", f"/products/{self._random.choice(products)}/stock", ADMIN, {"quantity": 1})
            return
        who = guest()
        for product in self._random.sample(products, self._random.randint(1, 2)):
            body = {"product_id": product, "quantity": self._random.randint(1, 3)}
            if not self._ask("cart", "/cart/items", who, body):
                return
        contact = {"email": "tea@shopper.example", "locale": self._random.choice(("ja", "en"))}
        order = self._ask("order", "/orders", who, contact if self._random.random() < 0.4 else {})
        if order and (then := self._random.choice(("pay", "cancel", None))):
            self._ask(then, f"/orders/{order['id']}/{then}", who, {"reason": "a kill"} if then == "cancel" else None)

    def _ask(self, what: str, path: str, who: dict[str, str], body: Json | None) -> Json | None:
        """Ask until it is answered for good, or this shopper gives up; give what a good answer says."""
        if self._closing.wait(self._random.expovariate(1 / THOUGHT)):
            return None
        entry, patient = self._journal.open(what), self._random.random() < PATIENT
        while True:
            answer = self._try(entry, path, who, body)
            if answer is not None and answer.status_code < 500:
                told: Json = answer.json()
                return told if answer.is_success else None
            if not patient or self._closing.wait(PAUSE):
                return None

    def _try(self, entry: Entry, path: str, who: dict[str, str], body: Json | None) -> httpx.Response | None:
        headers = who | {"Idempotency-Key": entry.id, "X-Request-ID": entry.id}
        self._journal.sent(entry)
        try:
            answer = self._client.post(path, headers=headers, json=body)
        except httpx.TransportError:
            self._journal.answered(entry, CUT)
            return None
        self._journal.answered(entry, "done" if answer.is_success else answer.json()["code"])
        return answer
