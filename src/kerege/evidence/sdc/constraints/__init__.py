"""The constraints that published tables place on the register, and the bounds that follow from them."""
