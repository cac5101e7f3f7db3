"""eSpeak NG for Antiphon: a voice whose pitch, pitch range, rate and intensity are controlled."""
