"""Cell suppression, recoding and rounding of frequency tables, with the audit that proves them safe."""
