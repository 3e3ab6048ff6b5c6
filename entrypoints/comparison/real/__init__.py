"""The comparison on real servers: processes that are killed, a broker and a database that are stopped, answers that are cut."""
