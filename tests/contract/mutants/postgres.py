"""Broken projection stores, queries and mail queues on PostgreSQL, by the suite that rejects each."""

from tests.contract.mutants.mutant import Mutant

_SQL = "adapters.postgres.batch_sql"
_BATCH = "adapters.postgres.batch"
_STANDINGS = "adapters.postgres.standings"
_CHANGES = "adapters.postgres.changes"
_STORE = "adapters.postgres.projection"
_GENERATIONS = "adapters.postgres.generations"
_GENERATION_TABLES = "adapters.postgres.generation_tables"
_TABLES = "adapters.postgres.read_tables"
_STATEMENTS = "adapters.postgres.query_statements"
_QUERIES = "adapters.postgres.queries"
_MAILS = "adapters.postgres.mail_queue"

_COMMIT_HERE = 'self._statements.execute("COMMIT"); self._statements.execute("BEGIN")'

POSTGRES: dict[str, tuple[Mutant, ...]] = {
    "contract/test_projection_store_refusals.py": (
        Mutant(
            "moves the cursors outside the transaction of the rows",
            _BATCH,
            "            moved = self._save_the_rest(of)",
            f"            moved = self._save_the_rest(of); {_COMMIT_HERE}",
        ),
        Mutant(
            "saves the rows outside the transaction of the cursors",
            _BATCH,
            "            self._save_rows(of)",
            f"            self._save_rows(of); {_COMMIT_HERE}",
        ),
        Mutant(
            "saves without the cursor condition",
            _SQL,
            "    AND cursor.version = moved.version_before AND cursor.event_id = moved.event_id_before",
            "",
        ),
        Mutant(
            "compares versions, not events",
            _SQL,
            "cursor.version = moved.version_before AND cursor.event_id = moved.event_id_before",
            "cursor.version = moved.version_before",
        ),
        Mutant(
            "takes what a row holds for a database that is away",
            _BATCH,
            "    psycopg.DataError,\n",
            "",
        ),
        Mutant(
            "takes numbers of any size into JSON",
            _TABLES,
            "        if not (SMALLEST <= thing.quantity <= BIGGEST and SMALLEST <= thing.price <= BIGGEST):",
            "        if False:",
        ),
    ),
    "contract/test_projection_store_locks.py": (
        Mutant(
            "locks no row",
            _SQL,
            'LOCK_CURSORS = f"{_CURSORS} ORDER BY generation, stream FOR UPDATE"',
            "LOCK_CURSORS = _CURSORS",
        ),
        Mutant(
            "locks rows in any order",
            _SQL,
            'LOCK_CURSORS = f"{_CURSORS} ORDER BY generation, stream FOR UPDATE"',
            # Slowly too: the ring is met in every run.
            "LOCK_CURSORS = f\"SELECT * FROM ({_CURSORS} ORDER BY random() OFFSET 0 FOR UPDATE) AS slow WHERE pg_sleep(0.005)::text = ''\"",
        ),
        Mutant(
            "makes no missing cursor before it locks",
            _BATCH,
            "        self._statements.execute(sql.MAKE_CURSORS, about)",
            "        pass",
        ),
        Mutant(
            "looks where streams stand before it has the lock",
            _STANDINGS,
            "    found = statements.execute(cursors, about).fetchall()",
            "    found = statements.execute(sql.LOOK_AT_CURSORS, about).fetchall(); statements.execute(cursors, about)",
        ),
    ),
    "contract/test_projection_store.py": (
        Mutant(
            "never takes a stream off the list of the parked",
            _BATCH,
            "                (sql.UNPARK, of.unparked),\n",
            "",
        ),
    ),
    "contract/test_generations.py": (
        Mutant(
            "begins a rebuild without the barrier",
            _GENERATIONS,
            "            self._wait_for_batches()\n        return building",
            "        return building",
        ),
        Mutant(
            "writes retired generations",
            _SQL,
            "status IN ('building', 'live') ORDER BY number",
            "status <> 'dropped' ORDER BY number",
        ),
        Mutant(
            "parks a stream in every generation",
            _SQL,
            "SELECT generation, stream, version, error, attempts, newest FROM shop_state.parked_streams\n"
            "WHERE projector = %(projector)s AND generation = ANY",
            "SELECT 1, stream, version, error, attempts, newest FROM shop_state.parked_streams\n"
            "WHERE projector = %(projector)s AND generation = ANY",
        ),
    ),
    "contract/test_postgres_generations.py": (
        Mutant(
            "reads the registry in the lock's own statement",
            _STORE,
            "            statements.execute(sql.SHARE, self.batches)\n"
            "            written = [Generation(*row) for row in statements.execute(sql.WRITTEN, [self.projector])]",
            '            both = sql.WRITTEN.replace(" WHERE", ", pg_advisory_xact_lock_shared(%s::int, %s::int) WHERE")\n'
            "            written = [Generation(*row) for row in statements.execute(both, [*self.batches, self.projector])]",
        ),
        Mutant(
            "swaps view by view, each in a transaction of its own",
            _GENERATION_TABLES,
            "    _run(connection, replacement(schema_of(number)))",
            '    _run(connection, [each for one in replacement(schema_of(number)) for each in (one, "COMMIT", "BEGIN")])',
        ),
        Mutant(
            "goes live in the registry alone",
            _GENERATIONS,
            "            self._show(connection, number)\n            connection.execute(_STATUS",
            "            connection.execute(_STATUS",
        ),
        Mutant(
            "removes a generation that a batch still writes",
            _GENERATIONS,
            '                connection.execute(_STATUS, ["retired", self.projector, number])\n            self._wait_for_batches()',
            '                connection.execute(_STATUS, ["retired", self.projector, number])',
        ),
        Mutant(
            "gives the number of a dropped generation again",
            _GENERATIONS,
            "max(self._all(connection)) + 1",
            "max(each.number for each in self._known(connection)) + 1",
        ),
        Mutant(
            "lets two begin a rebuild at once",
            _GENERATIONS,
            "            connection.execute(_ALONE)\n",
            "",
        ),
        Mutant(
            "does not ask again after a swap to other types",
            _QUERIES,
            "            except psycopg.errors.FeatureNotSupported:",
            "            except ZeroDivisionError:",
        ),
    ),
    "contract/test_postgres_batches.py": (
        Mutant(
            "keeps the row of a stream that lost it",
            _CHANGES,
            "                of.gone[number, kind_before].append(stream)",
            "                pass",
        ),
        Mutant(
            "locks for the session, not for the transaction",
            _SQL,
            '    "SELECT pg_advisory_xact_lock_shared(%s::int, %s::int),',
            '    "SELECT pg_advisory_lock_shared(%s::int, %s::int),',
        ),
        Mutant(
            "asks for mails outside the transaction",
            _BATCH,
            "        self._unreadable.clear()\n",
            "        with psycopg.connect(self._statements.connection.info.dsn, autocommit=True) as other:\n"
            "            from adapters.postgres.arrays import teach\n"
            "            teach(statements := other.cursor())\n"
            "            statements.execute(sql.ASK_FOR_MAILS, parameters)\n"
            "        self._unreadable.clear()\n",
        ),
        Mutant(
            "saves rows one by one",
            _BATCH,
            "        for number, kind in of.saved.keys() | of.gone.keys():",
            "        for number, kind in [*of.saved.keys(), *of.saved.keys(), *of.gone.keys()]:",
        ),
        Mutant(
            "moves the cursors of every projector",
            _SQL,
            "WHERE cursor.projector = %(projector)s AND cursor.generation = moved.generation",
            "WHERE cursor.generation = moved.generation",
        ),
        Mutant(
            "parks with an error that no table takes",
            _CHANGES,
            '    return text.replace("\\0", "\\\\0").encode(errors="backslashreplace").decode()',
            "    return text",
        ),
    ),
    "contract/test_queries_products.py": (
        Mutant(
            "shows no product without an inventory",
            _STATEMENTS,
            "_stock = _products.outerjoin(",
            "_stock = _products.join(",
        ),
        Mutant("shows deleted products", _STATEMENTS, "_on_sale = and_(~_products.c.deleted, ", "_on_sale = and_("),
    ),
    "contract/test_queries_pages.py": (
        Mutant(
            "pages by time alone",
            _STATEMENTS,
            "        query = query.where(tuple_(created(table), key) < after)",
            '        query = query.where(created(table) < cast(bindparam("after_time", type_=Text), DateTime(timezone=True)))',
        ),
    ),
    "contract/test_mail_queue.py": (
        Mutant("leases without a lock", _MAILS, "    FOR UPDATE SKIP LOCKED\n", ""),
        Mutant(
            "settles a lease that another has now",
            _MAILS,
            " AND status = 'sending' AND attempts = %s\n",
            " AND %s > 0\n",
        ),
    ),
}
