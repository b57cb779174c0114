"""The cast: people whom every test knows."""
