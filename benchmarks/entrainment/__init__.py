"""What the neural strategy's models reach: on simulated conversations, where the best is known, and on real ones."""
