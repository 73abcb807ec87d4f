"""Exports of what was published: SDG 16.2.2, UNODC's questionnaire, SDMX, CTDC. From releases, never the register."""
