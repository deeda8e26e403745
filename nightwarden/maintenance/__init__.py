"""Checks of the equipment: entered, due, walked as a round, pressed at the shift's beginning."""
