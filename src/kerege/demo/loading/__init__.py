"""Loading of the demo programme into a register, through the services that the pages use."""
