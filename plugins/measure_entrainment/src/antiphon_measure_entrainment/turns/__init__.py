"""From a turn table to what measures take: exchanges, speakers' own scales, functionals of frames, words."""
