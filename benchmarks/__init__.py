"""How fast Antiphon is: every module measures one thing; ``python -m benchmarks`` runs them all."""
