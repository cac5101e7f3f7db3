"""Microphone and speaker for Antiphon, by SpeechRecognition and PortAudio."""
