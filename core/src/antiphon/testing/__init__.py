"""For those who test plugins or programs built on Antiphon.

``antiphon.testing.conformance`` has one suite of tests per stage, ``antiphon.testing.fakes`` one small honest
implementation per stage (registered by ``antiphon.testing.plugin``), and ``antiphon.testing.pytest_plugin`` the
fixtures that every pytest run beside Antiphon has.
"""
