"""How channels are reached: addresses that Apprise knows, and Web Push to phones."""
