"""Entrainment strategies that are formulas. docs/strategies.md says what each means and where it comes from."""
