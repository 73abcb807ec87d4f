"""The release gate: runs the disclosure risk assessment and words its findings."""
