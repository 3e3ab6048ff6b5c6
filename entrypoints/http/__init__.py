"""The JSON API of `docs/api.md`, on Litestar."""
