"""Parts of the HTTP entrypoint that need no server."""
