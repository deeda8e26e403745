"""What a bench for testers and the players of a practice home say to each other, over MQTT."""
