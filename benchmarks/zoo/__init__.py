"""What SubSelNet learns from: the reference networks, and the bundle made of them."""
