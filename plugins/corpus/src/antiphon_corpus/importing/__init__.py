"""From audio and transcripts to turn tables: one conversation at a time, on all cores, resumed after a kill."""
