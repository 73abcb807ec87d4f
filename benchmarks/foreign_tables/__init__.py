"""Tables in the layouts of other publishers, each with a leak and a safe counterpart."""
