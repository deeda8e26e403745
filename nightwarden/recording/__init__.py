"""Real MQTT traffic as a file, and the file as traffic again. docs/recordings.md describes both."""
