"""pyttsx3 for Antiphon: the system's voices, in a process of their own, every setting verified."""
