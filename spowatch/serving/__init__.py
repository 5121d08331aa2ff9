"""What the pages and the HTTP API are served from: the store, its records, its board."""
