"""Replies for Antiphon from any OpenAI-compatible HTTP endpoint."""
