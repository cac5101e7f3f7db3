"""What the energy endpointer is made of."""
