"""The log signatures: TOML files by family, and the tables made from them."""
