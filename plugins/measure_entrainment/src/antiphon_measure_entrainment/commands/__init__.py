"""The commands ``antiphon measure``, ``antiphon measure power`` and ``antiphon report``."""
