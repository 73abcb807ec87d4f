"""Files of other systems are read whole or not at all."""
