"""The scenario pack: one YAML file for each failure that it shows; ``docs/scenarios.md``."""
