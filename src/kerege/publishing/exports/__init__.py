"""Exports from releases, never from the register: SDG 16.2.2, UNODC questionnaire, SDMX, CTDC."""
